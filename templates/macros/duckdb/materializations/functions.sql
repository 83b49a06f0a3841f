{#- DuckDB keeps functions as macros: the body is put in the place of the call, with the arguments in it. A body may
    be a query that gives one value, or an expression, also one that aggregates. -#}
{% macro duckdb__scalar_function_sql(target_relation) %}
    CREATE OR REPLACE FUNCTION {{ target_relation.render() }} ({{ duckdb__function_parameters() }})
    AS (
      cast((
        {{ model.compiled_code }}
      ) as {{ model.returns.data_type }})
    )
    {%- set volatility = model.config.get('volatility') -%}
    {%- if volatility -%}{%- do unsupported_volatility_warning(volatility) -%}{%- endif -%}
{% endmacro %}

{% macro duckdb__aggregate_function_sql(target_relation) %}
  {{ return(duckdb__scalar_function_sql(target_relation)) }}
{% endmacro %}

{% macro duckdb__function_parameters() -%}
  {%- for argument in model.arguments -%}
    {%- set default_value = argument.get('default_value') -%}
    {{ argument.name }}{{ ' := ' ~ default_value if default_value is not none }}{{ ', ' if not loop.last }}
  {%- endfor -%}
{%- endmacro %}
