{#- DuckDB keeps functions as macros: the body is put in the place of the call, with the arguments in it. A body may
    be a query that gives one value, or an expression, also one that aggregates. One statement creates a function and
    its overloads. Where two of them have as many arguments their types tell them apart, which DuckDB keeps in files
    of its storage version 1.4 and later. -#}
{% macro duckdb__scalar_function_sql(target_relation) %}
    CREATE OR REPLACE FUNCTION {{ target_relation.render() }}
    {{ duckdb__function_definition(model.arguments, model.compiled_code, model.returns) }}
    {%- for overload in model.overloads -%}
    ,
    {{ duckdb__function_definition(overload.arguments, overload.compiled_body, overload.returns or model.returns) }}
    {%- endfor -%}
    {%- set volatility = model.config.get('volatility') -%}
    {%- if volatility -%}{%- do unsupported_volatility_warning(volatility) -%}{%- endif -%}
{% endmacro %}

{% macro duckdb__aggregate_function_sql(target_relation) %}
  {{ return(duckdb__scalar_function_sql(target_relation)) }}
{% endmacro %}

{% macro duckdb__function_definition(arguments, body, returns) -%}
    ({{ duckdb__function_parameters(arguments) }})
    AS (
      cast((
        {{ body }}
      ) as {{ returns.data_type }})
    )
{%- endmacro %}

{% macro duckdb__function_parameters(arguments) -%}
  {%- set counts = [model.arguments | length] -%}
  {%- for overload in model.overloads -%}{%- do counts.append(overload.arguments | length) -%}{%- endfor -%}
  {%- set is_typed = counts | unique | list | length < counts | length -%}
  {%- for argument in arguments -%}
    {%- set default_value = argument.get('default_value') -%}
    {{ argument.name }}{{ ' ' ~ argument.data_type if is_typed }}{{ ' := ' ~ default_value if default_value is not none }}{{ ', ' if not loop.last }}
  {%- endfor -%}
{%- endmacro %}
