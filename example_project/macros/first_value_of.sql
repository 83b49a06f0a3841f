{#- Of a group's rows the first value that is there. -#}
{% macro first_value_of(column_name, order_by) -%}
    (array_agg({{ column_name }} order by {{ order_by }}) filter (where {{ column_name }} is not null))[1]
{%- endmacro %}
