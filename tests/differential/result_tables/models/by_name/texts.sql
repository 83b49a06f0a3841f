{#- What tables, their parts and the whole context print, and names that a query gives twice. -#}
{%- if execute -%}
  {%- set table = run_query("select 1 as a, 'x' as b, 3 as c, 4 as d, 5 as e, 6 as f union all select 2, 'y', 3, 4, 5, 6 order by 1") -%}
  {%- set twice = run_query('select 1 as a, 2 as a, 3 as b, 4 as a') -%}
  {%- set context_text = context | string -%}
select 'table' as name, $${{ table }}$$ as value
union all select 'row', $${{ table.rows[0] }}$$
union all select 'short row', $${{ twice.rows[0] }}$$
union all select 'rows', $${{ table.rows }}$$
union all select 'column', $${{ table.columns['b'] }}$$
union all select 'columns', $${{ table.columns }}$$
union all select 'twice', $${{ twice.column_names }} {{ twice.rows[0]['a_3'] }}$$
union all select 'context', $${{ '{...}' in context_text }} {{ 'run_query' in context_text }}$$
{%- else -%}
select 1
{%- endif %}
