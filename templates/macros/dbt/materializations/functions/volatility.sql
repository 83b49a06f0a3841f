{#- Whether a function yields the same for the same arguments, in the words of the database. Without the
    `volatility` config the database's own default holds. -#}
{% macro scalar_function_volatility_sql() %}
  {{ return(adapter.dispatch('scalar_function_volatility_sql', 'dbt')()) }}
{% endmacro %}

{% macro default__scalar_function_volatility_sql() -%}
  {%- set volatility = model.config.get('volatility') -%}
  {%- if volatility == 'deterministic' -%}
    IMMUTABLE
  {%- elif volatility == 'stable' -%}
    STABLE
  {%- elif volatility == 'non-deterministic' -%}
    VOLATILE
  {%- elif volatility is not none and volatility is defined -%}
    {%- do unsupported_volatility_warning(volatility) -%}
  {%- endif -%}
{%- endmacro %}

{% macro scalar_function_volatility_javascript() %}
  {{ return(adapter.dispatch('scalar_function_volatility_javascript', 'dbt')()) }}
{% endmacro %}

{% macro default__scalar_function_volatility_javascript() -%}
  {%- set volatility = model.config.get('volatility') -%}
  {%- if volatility is not none and volatility is defined -%}
    {%- do exceptions.warn(
      "Volatility is not supported by " ~ adapter.type() ~ " in javascript UDF and will be ignored"
    ) -%}
  {%- endif -%}
{%- endmacro %}

{% macro unsupported_volatility_warning(volatility) %}
  {{ return(adapter.dispatch('unsupported_volatility_warning', 'dbt')(volatility)) }}
{% endmacro %}

{% macro default__unsupported_volatility_warning(volatility) %}
  {% do exceptions.warn(
    "Found `" ~ volatility ~ "` volatility specified on function `" ~ model.name
    ~ "`. This volatility is not supported by " ~ adapter.type() ~ ", and will be ignored"
  ) %}
{% endmacro %}
