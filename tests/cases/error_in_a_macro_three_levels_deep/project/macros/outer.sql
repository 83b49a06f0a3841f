{% macro outer_one(value) %}
    {{ middle_one(value) }}
{% endmacro %}
