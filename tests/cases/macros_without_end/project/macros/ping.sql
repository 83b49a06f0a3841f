{% macro ping() %}{{ pong() }}{% endmacro %}
{% macro pong() %}{{ ping() }}{% endmacro %}
