{% macro older() %}{% do print(adapter.already_exists(target.schema, 'numbers')) %}{% endmacro %}
{% endmacro %}
{% set nothing = 1 %}
