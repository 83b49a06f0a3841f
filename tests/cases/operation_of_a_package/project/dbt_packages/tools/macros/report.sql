{% macro _row(name) %}{% do return({'name': name, 'greeting': greeting()}) %}{% endmacro %}

{% macro greeting() %}{% do return('of the package') %}{% endmacro %}

{% macro report() %}{% do log(_row('a'), info=true) %}{% endmacro %}
