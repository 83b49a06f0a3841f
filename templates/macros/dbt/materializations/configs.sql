{#- Puts the SQL of a call block in front of the statement that builds the model. -#}
{% macro set_sql_header(config) -%}
  {{ config.set('sql_header', caller()) }}
{%- endmacro %}


{#- The model's own `full_refresh` config wins over the flag of the command. -#}
{% macro should_full_refresh() %}
  {% set wanted = config.get('full_refresh') %}
  {{ return(flags.FULL_REFRESH if wanted is none else wanted) }}
{% endmacro %}


{#- The test's own `store_failures` config wins over the flag of the command. -#}
{% macro should_store_failures() %}
  {% set wanted = config.get('store_failures') %}
  {{ return(flags.STORE_FAILURES if wanted is none else wanted) }}
{% endmacro %}
