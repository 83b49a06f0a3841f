{% macro net() %}price{% endmacro %}
