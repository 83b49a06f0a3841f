{% macro greeting() %}{% do return('of the project') %}{% endmacro %}
