{% macro generate_schema_name(custom_schema_name, node) %}
  {% if custom_schema_name == 'none' %}{{ return(none) }}{% endif %}{{ target.schema }}
{% endmacro %}

{% macro ref(name, why=none) %}{{ return(builtins.ref(name)) }}{% endmacro %}
