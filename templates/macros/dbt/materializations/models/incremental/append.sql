{#- Adds all rows of the temporary relation. -#}
{% macro get_insert_into_sql(target_relation, temp_relation, dest_columns) %}
  {%- set columns_csv = get_quoted_csv(dest_columns | map(attribute='name')) %}
    insert into {{ target_relation }} ({{ columns_csv }})
    (
        select {{ columns_csv }}
        from {{ temp_relation }}
    )
{% endmacro %}
