{#- Parts of tables: every second row, groups under the values they have in common, columns under their names. -#}
{%- if execute -%}
  {%- set table = run_query("select 1 as id, 'x' as kind union all select 2, 'y' union all select 3, 'x' order by 1") -%}
select 'steps' as name, $${{ table.limit(0, 3, 2).rows }}$$ as value
union all select 'groups', $${% for id, group in table.group_by('id').items() %}{{ id + 1 }} {{ group.rows }} {% endfor %}$$
union all select 'rows', $${{ table.rows.keys() }}$$
union all select 'columns', $${{ table.columns.dict()['kind'] }} {{ table.columns.dict() | list }}$$
{%- else -%}
select 1
{%- endif %}
