{#- Functions that the project keeps in a dataset. -#}

{% macro bigquery__scalar_function_create_replace_signature_sql(target_relation) %}
    CREATE OR REPLACE FUNCTION {{ target_relation.render() }} ({{ formatted_scalar_function_args_sql() }})
    returns {{ model.returns.data_type }}
    {{ scalar_function_volatility_sql() }}
    as
{% endmacro %}

{% macro bigquery__scalar_function_body_sql() %}
    (
       {{ model.compiled_code }}
    )
{% endmacro %}

{#- A function in SQL says nothing of its own of whether it always gives the same. -#}
{% macro bigquery__scalar_function_volatility_sql() %}
  {%- set volatility = model.config.get('volatility') -%}
  {%- if volatility is not none and volatility is defined -%}
    {%- do unsupported_volatility_warning(volatility) -%}
  {%- endif -%}
{% endmacro %}

{% macro bigquery__scalar_function_volatility_javascript() -%}
  {%- set volatility = model.config.get('volatility') -%}
  {%- if volatility == 'deterministic' -%}
    deterministic
  {%- elif volatility == 'non-deterministic' -%}
    not deterministic
  {%- elif volatility is not none and volatility is defined -%}
    {%- do unsupported_volatility_warning(volatility) -%}
  {%- endif -%}
{%- endmacro %}

{% macro bigquery__scalar_function_create_replace_signature_javascript(target_relation) %}
    CREATE OR REPLACE FUNCTION {{ target_relation.render() }} ({{ formatted_scalar_function_args_sql() }})
    returns {{ model.returns.data_type }}
    {{ scalar_function_volatility_javascript() }}
    language js
    as
{% endmacro %}

{% macro bigquery__scalar_function_javascript(target_relation) %}
    {{ bigquery__scalar_function_create_replace_signature_javascript(target_relation) }}
    {{ bigquery__get_function_body() }}
{% endmacro %}

{#- The body as a raw text, in which nothing is escaped. -#}
{% macro bigquery__get_function_body() %}
    r'''
{{ model.compiled_code }}
    '''
{% endmacro %}

{% macro bigquery__aggregate_function_sql(target_relation) %}
    {{ get_aggregate_function_create_replace_signature(target_relation) }}
    {{ scalar_function_body_sql() }}
{% endmacro %}

{% macro bigquery__aggregate_function_javascript(target_relation) %}
    {{ get_aggregate_function_create_replace_signature(target_relation) }}
    {{ bigquery__get_function_body() }}
{% endmacro %}
