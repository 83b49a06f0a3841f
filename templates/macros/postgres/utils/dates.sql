{% macro postgres__dateadd(datepart, interval, from_date_or_timestamp) -%}
  {{ from_date_or_timestamp }} + ((interval '1 {{ datepart }}') * ({{ interval }}))
{%- endmacro %}


{#- Each unit counts the boundaries of the next larger one, times how many it holds, and the difference
    of its own part of both times; seconds and what is smaller have fractions. Weeks begin on Sunday. -#}
{% macro postgres__datediff(first_date, second_date, datepart) -%}
  {%- set first_time = '(' ~ first_date ~ ')::timestamp' -%}
  {%- set second_time = '(' ~ second_date ~ ')::timestamp' -%}
  {%- set larger = {
    'quarter': ['year', 4], 'month': ['year', 12], 'hour': ['day', 24], 'minute': ['hour', 60],
    'second': ['minute', 60], 'millisecond': ['minute', 60000], 'microsecond': ['minute', 60000000]
  } -%}
  {%- if datepart == 'year' -%}
    (date_part('year', ({{ second_date }})::date) - date_part('year', ({{ first_date }})::date))
  {%- elif datepart == 'day' -%}
    (({{ second_date }})::date - ({{ first_date }})::date)
  {%- elif datepart == 'week' -%}
    ({{ datediff(first_date, second_date, 'day') }} / 7 + case
        when date_part('dow', {{ first_time }}) <= date_part('dow', {{ second_time }})
        then case when {{ first_date }} <= {{ second_date }} then 0 else -1 end
        else case when {{ first_date }} <= {{ second_date }} then 1 else 0 end
    end)
  {%- elif datepart in larger -%}
    {%- set unit, count = larger[datepart] -%}
    {%- set parts = [] -%}
    {%- for time in [second_date, first_date] -%}
      {%- set type = 'date' if unit == 'year' else 'timestamp' -%}
      {%- set part = "date_part('" ~ datepart ~ "', (" ~ time ~ ')::' ~ type ~ ')' -%}
      {%- do parts.append('floor(' ~ part ~ ')' if unit == 'minute' else part) -%}
    {%- endfor -%}
    ({{ datediff(first_date, second_date, unit) }} * {{ count }} + {{ parts | join(' - ') }})
  {%- else -%}
    {%- do exceptions.raise_compiler_error(
      "Unsupported datepart for macro datediff in postgres: '" ~ datepart ~ "'"
    ) -%}
  {%- endif -%}
{%- endmacro %}


{#- Quarters are no unit of an interval. -#}
{% macro postgres__last_day(date, datepart) -%}
  {%- if datepart == 'quarter' -%}
    cast({{ dbt.dateadd('day', '-1', dbt.dateadd('month', '3', dbt.date_trunc(datepart, date))) }} as date)
  {%- else -%}
    {{ dbt.default_last_day(date, datepart) }}
  {%- endif -%}
{%- endmacro %}
