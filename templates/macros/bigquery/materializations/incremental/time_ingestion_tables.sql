{#- Tables whose partitions go by the time of loading: the rows say it in a column that the table has not. -#}

{% macro wrap_with_time_ingestion_partitioning_sql(partition_by, sql, is_nested) %}
  select
    timestamp({{ partition_by.field }}) as {{ partition_by.insertable_time_partitioning_field() }},
    * except({{ partition_by.field }})
  from (
    {{ sql }}
  ){{ ';' if not is_nested }}
{% endmacro %}

{% macro get_quoted_with_types_csv(columns) %}
  {%- set parts = [] -%}
  {%- for column in columns -%}
    {%- do parts.append(adapter.quote(column.name) ~ ' ' ~ column.data_type) -%}
  {%- endfor -%}
  {{ return(parts | join(', ')) }}
{% endmacro %}

{% macro columns_without_partition_fields_csv(partition_config, columns) -%}
  {{ return(get_quoted_with_types_csv(partition_config.reject_partition_field_column(columns))) }}
{%- endmacro %}

{% macro bq_insert_into_ingestion_time_partitioned_table_sql(target_relation, sql) -%}
  {%- set sql_header = config.get('sql_header', none) -%}
  {%- set partition_config = adapter.parse_partition_by(config.get('partition_by', none)) -%}
  {%- set dest_columns = adapter.get_columns_in_relation(target_relation) -%}
  {{ sql_header if sql_header is not none }}
  insert into {{ target_relation }} (
    {{ partition_config.insertable_time_partitioning_field() }}, {{ get_quoted_csv(dest_columns | map(attribute='name')) }}
  )
  {{ wrap_with_time_ingestion_partitioning_sql(partition_config, sql, False) }}
{%- endmacro %}

{#- The columns of a query, found without running it. -#}
{% macro get_columns_with_types_in_query_sql(select_sql) %}
  {%- set sql_header = config.get('sql_header', none) -%}
  {%- set sql -%}
    {{ sql_header if sql_header is not none }}
    select * from (
      {{ select_sql }}
    ) as __dbt_sbq
    where false
    limit 0
  {%- endset -%}
  {{ return(adapter.get_columns_in_select_sql(sql)) }}
{% endmacro %}
