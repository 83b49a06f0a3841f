{% macro generate_schema_name(custom_schema_name, node) %}{{ var('schema', 'main') }}{% endmacro %}
