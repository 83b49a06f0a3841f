{% macro cents(column) %}{{ return(adapter.dispatch('cents', 'small')(column)) }}{% endmacro %}
{% macro snowflake__cents(column) %}{{ column }} * 100{% endmacro %}
