{% macro trino__dateadd(datepart, interval, from_date_or_timestamp) -%}
  date_add('{{ datepart }}', {{ interval }}, {{ from_date_or_timestamp }})
{%- endmacro %}

{% macro trino__date_trunc(datepart, date) -%}
  date_trunc('{{ datepart }}', {{ date }})
{%- endmacro %}

{#- The number of borders of the unit between two moments. Trino's own date_diff counts whole units that
    have passed, so both ends are cut to the unit before. Weeks begin on Sunday, where Trino's begin on
    Monday. -#}
{% macro trino__datediff(first_date, second_date, datepart) -%}
  {%- set unit = datepart | lower -%}
  {%- set first = 'cast(' ~ first_date ~ ' as timestamp)' -%}
  {%- set second = 'cast(' ~ second_date ~ ' as timestamp)' -%}
  {%- if unit == 'week' -%}
    date_diff(
      'week',
      date_trunc('week', date_add('day', 1, {{ first }})),
      date_trunc('week', date_add('day', 1, {{ second }}))
    )
  {%- elif unit in ['year', 'quarter', 'month', 'day', 'hour', 'minute', 'second'] -%}
    date_diff('{{ unit }}', date_trunc('{{ unit }}', {{ first }}), date_trunc('{{ unit }}', {{ second }}))
  {%- elif unit == 'millisecond' -%}
    date_diff('millisecond', {{ first }}, {{ second }})
  {%- elif execute -%}
    {%- do exceptions.raise_compiler_error("Unsupported datepart for macro datediff in Trino: '" ~ datepart ~ "'") -%}
  {%- endif -%}
{%- endmacro %}

{#- The bounds may be texts, so they are made dates. -#}
{% macro trino__date_spine(datepart, start_date, end_date) %}
  {{ return(dbt.default__date_spine(
    datepart, 'cast(' ~ start_date ~ ' as date)', 'cast(' ~ end_date ~ ' as date)'
  )) }}
{% endmacro %}
