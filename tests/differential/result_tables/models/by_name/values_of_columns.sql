{#- What a query gives, as templates see it: decimals, dates and moments, and the text of everything else. -#}
{%- if execute -%}
  {%- set table = run_query("select cast(1.10 as decimal(10, 2)) as amount, cast(12 as decimal(10, 0)) as whole,"
    ~ " cast(1.5 as double precision) as half, cast('1e20' as double precision) as large, 7 as number, true as truth,"
    ~ " time '13:00:00.5' as clock, interval '1 day' as span, date '2020-01-02' as day,"
    ~ " timestamp '2020-01-02 03:04:05.6' as moment, null as nothing") -%}
  {%- set row = table.rows[0] -%}
  {%- for column in table.columns -%}
    {%- set value = column.values()[0] %}
select '{{ column.name }}' as name, $${{ value }} {{ [value] }}$$ as value,
  {{ (value is string) | lower }} as is_text, {{ (value is number) | lower }} as is_number
    {%- if not loop.last %} union all {% endif -%}
  {%- endfor %}
union all select 'computed', $${{ row.amount + 1 }} {{ row['amount'] * 3 }} {{ row[0] / 3 }} {{ -row.amount }}$$,
  {{ (row.amount > 1 and row.half == 1.5 and 2 > row.amount) | lower }}, {{ (row.whole == 12) | lower }}
union all select 'filtered', $${{ row.amount | float }} {{ row.amount | int }} {{ row.amount | round(1) }} {{ '%.3f' % row.amount }}$$,
  {{ (row.half is integer) | lower }}, {{ (row.amount in [1, row.amount]) | lower }}
union all select 'types', '{% for column in table.columns %}{{ adapter.convert_type(table, loop.index0) }} {% endfor %}', true, true
{%- else -%}
select 1
{%- endif %}
