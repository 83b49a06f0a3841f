{#- Every row has a value. Whole rows are selected only where somebody will look at them, that is
    where failures are stored. -#}
{% test not_null(model, column_name) %}
  {% set test_sql = adapter.dispatch('test_not_null', 'dbt') %}
  {{ test_sql(model, column_name) }}
{% endtest %}

{% macro default__test_not_null(model, column_name) %}
select {{ '*' if should_store_failures() else column_name }}
from {{ model }}
where {{ column_name }} is null
{% endmacro %}
