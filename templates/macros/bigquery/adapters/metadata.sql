{#- What there is, by the API's own listings. -#}
{% macro bigquery__list_schemas(database) -%}
  {{ return(adapter.list_schemas(database)) }}
{%- endmacro %}

{% macro bigquery__check_schema_exists(information_schema, schema) -%}
  {{ return(adapter.check_schema_exists(information_schema.database, schema)) }}
{%- endmacro %}

{% macro bigquery__list_relations_without_caching(schema_relation) -%}
  {{ return(adapter.list_relations_without_caching(schema_relation)) }}
{%- endmacro %}

{% macro bigquery__get_columns_in_relation(relation) -%}
  {{ return(adapter.get_columns_in_relation(relation)) }}
{%- endmacro %}

{#- The partitions of a table, one row for each. -#}
{% macro get_partitions_metadata(table) -%}
  {%- if execute -%}
    {%- set sql -%}
      select partition_id
      from {{ table.information_schema('PARTITIONS') }}
      where table_name = '{{ table.identifier }}'
    {%- endset -%}
    {{ return(run_query(sql)) }}
  {%- endif -%}
  {{ return(none) }}
{%- endmacro %}

{% macro bigquery__get_relation_last_modified(information_schema, relations) -%}
  {%- set location = adapter.get_dataset_location(relations[0]) -%}
  {%- set storage = relations[0].incorporate(location=location).information_schema('TABLE_STORAGE') -%}
  {%- call statement('last_modified', fetch_result=True) -%}
    select
      table_schema as schema,
      table_name as identifier,
      storage_last_modified_time as last_modified,
      {{ current_timestamp() }} as snapshotted_at
    from {{ storage }}
    where
    {%- for relation in relations %}
      (upper(table_schema) = upper('{{ relation.schema }}') and upper(table_name) = upper('{{ relation.identifier }}'))
      {{ 'or' if not loop.last }}
    {%- endfor %}
  {%- endcall -%}
  {{ return(load_result('last_modified')) }}
{%- endmacro %}

{% macro date_sharded_table(base_name) %}
  {{ return(base_name ~ "[DBT__PARTITION_DATE]") }}
{% endmacro %}
