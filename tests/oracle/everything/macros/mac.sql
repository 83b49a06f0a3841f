{% macro mac(x) %}{{ other(x) }}{% endmacro %}
{% macro other(x) %}{{ return(adapter.dispatch('third', 'small')(x)) }}{% endmacro %}
{% macro default__third(x) %}{{ x }}{% endmacro %}
{% test my_test(model, x) %}{{ config(severity='error', fail_calc='sum(1)') }} select * from {{ model }} where {{ x }} = 2{% endtest %}
