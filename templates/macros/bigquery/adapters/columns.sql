{#- A query without rows, of which BigQuery reads nothing. -#}
{% macro bigquery__get_empty_subquery_sql(select_sql, select_sql_header=none) %}
    {{ select_sql_header if select_sql_header is not none }}
    select * from (
        {{ select_sql }}
    ) as __dbt_sbq
    where false and current_timestamp() = current_timestamp()
    limit 0
{% endmacro %}

{% macro bigquery__alter_relation_add_columns(relation, add_columns) %}
  {%- set sql -%}
    alter {{ relation.type }} {{ relation }}
    {% for column in add_columns -%}
      add column {{ column.name }} {{ column.data_type }}{{ ', ' if not loop.last }}
    {%- endfor %}
  {%- endset -%}
  {{ return(run_query(sql)) }}
{% endmacro %}

{% macro bigquery__alter_relation_drop_columns(relation, drop_columns) %}
  {%- set sql -%}
    alter {{ relation.type }} {{ relation }}
    {% for column in drop_columns -%}
      drop column {{ column.name }}{{ ', ' if not loop.last }}
    {%- endfor %}
  {%- endset -%}
  {{ return(run_query(sql)) }}
{% endmacro %}

{#- Through the API, which also adds fields inside of structs. -#}
{% macro bigquery__alter_relation_add_remove_columns(relation, add_columns, remove_columns) %}
  {% do adapter.alter_table_add_remove_columns(relation, add_columns, remove_columns) %}
{% endmacro %}

{#- BigQuery widens a few types in place; any other change builds the table anew from itself, which
    reads all of it. -#}
{% macro bigquery__alter_column_type(relation, column_name, new_column_type) -%}
  {%- set selected = [] -%}
  {%- for column in adapter.get_columns_in_relation(relation) -%}
    {%- if column.column == column_name -%}
      {%- do selected.append('cast(' ~ column.quoted ~ ' as ' ~ new_column_type ~ ') as ' ~ column.quoted) -%}
    {%- else -%}
      {%- do selected.append(column.quoted) -%}
    {%- endif -%}
  {%- endfor -%}
  {% call statement('alter_column_type') %}
    {{ create_table_as(False, relation, 'select ' ~ selected | join(', ') ~ ' from ' ~ relation) }}
  {%- endcall %}
{% endmacro %}
