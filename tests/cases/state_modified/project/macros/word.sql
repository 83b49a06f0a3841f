{% macro word() %}1{% endmacro %}
