{% macro middle_one(value) %}
    {{ inner_one(value) }}
{% endmacro %}
