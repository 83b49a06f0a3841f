{% macro times(one, other) %}{{ one }} * {{ other }}{% endmacro %}
