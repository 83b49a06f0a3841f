{#- No two rows have the same value. Nulls are not compared. -#}
{% test unique(model, column_name) %}
  {% set test_sql = adapter.dispatch('test_unique', 'dbt') %}
  {{ test_sql(model, column_name) }}
{% endtest %}

{% macro default__test_unique(model, column_name) %}
select
    {{ column_name }} as unique_field,
    count(*) as n_records
from {{ model }}
where {{ column_name }} is not null
group by {{ column_name }}
having count(*) > 1
{% endmacro %}
