{% macro inner_one(value) %}
    {% if value < 0 %}
        {{ exceptions.raise_compiler_error("the value " ~ value ~ " is negative") }}
    {% endif %}
    {{ value }}
{% endmacro %}
