{#- A query that yields the whole numbers from one to the bound, in a column `generated_number`. The
    default counts in binary: it joins a two-row table with itself often enough. -#}
{% macro generate_series(upper_bound) %}
  {{ return(adapter.dispatch('generate_series', 'dbt')(upper_bound)) }}
{% endmacro %}

{% macro default__generate_series(upper_bound) %}
  {%- set digits = dbt.get_powers_of_two(upper_bound) -%}
    with p as (
        select 0 as generated_number union all select 1
    ),

    unioned as (
        select
        {%- for digit in range(digits) %}
            p{{ digit }}.generated_number * power(2, {{ digit }}) +
        {%- endfor %}
            1 as generated_number
        from
        {%- for digit in range(digits) %}
            {{ 'cross join ' if not loop.first }}p as p{{ digit }}
        {%- endfor %}
    )

    select *
    from unioned
    where generated_number <= {{ upper_bound }}
    order by generated_number
{% endmacro %}


{#- How many binary digits it takes to count to the bound. -#}
{% macro get_powers_of_two(upper_bound) %}
  {{ return(adapter.dispatch('get_powers_of_two', 'dbt')(upper_bound)) }}
{% endmacro %}

{% macro default__get_powers_of_two(upper_bound) %}
  {% if upper_bound <= 0 %}
    {% do exceptions.raise_compiler_error("upper bound must be positive") %}
  {% endif %}
  {% for power in range(1, 100) %}
    {% if upper_bound <= 2 ** power %}
      {{ return(power) }}
    {% endif %}
  {% endfor %}
{% endmacro %}
