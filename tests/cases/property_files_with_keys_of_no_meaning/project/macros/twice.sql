{% macro twice(value) %}{{ value * 2 }}{% endmacro %}
