{#- Where Athena's way is not Trino's, or dbt-athena's results are others than dbt-trino's. -#}

{% macro athena__any_value(expression) -%}
  arbitrary({{ expression }})
{%- endmacro %}

{% macro athena__type_numeric() -%}
  decimal(38, 6)
{%- endmacro %}

{% macro athena__safe_cast(field, type) -%}
  try_cast({{ field }} as {{ dml_data_type(type) }})
{%- endmacro %}

{% macro athena__cast(field, type) -%}
  cast({{ field }} as {{ dml_data_type(type) }})
{%- endmacro %}

{% macro athena__array_construct(inputs, data_type) -%}
  {{ 'array[' ~ inputs | join(', ') ~ ']' if inputs else safe_cast('array[]', 'array(' ~ data_type ~ ')') }}
{%- endmacro %}
