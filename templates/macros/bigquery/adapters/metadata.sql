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
      where table_name = '{{ table.identifier | replace("'", "\\'") }}'
    {%- endset -%}
    {{ return(run_query(sql)) }}
  {%- endif -%}
  {{ return(none) }}
{%- endmacro %}

{#- When tables were last changed: by the API, table by table, or in one query of the region's storage. -#}
{% macro bigquery__get_relation_last_modified(information_schema, relations) -%}
  {%- for relation in relations if '*' in relation.identifier -%}
    {%- if adapter.behavior.bigquery_reject_wildcard_metadata_source_freshness -%}
      {{ exceptions.raise_compiler_error("Metadata-based source freshness is not supported for the wildcard table '" ~ relation ~ "': set `loaded_at_field` on this source, so that a query tells.") }}
    {%- endif -%}
  {%- endfor -%}
  {%- set sql -%}
    {{ bigquery__last_modified_in_storage(relations) if adapter.behavior.bigquery_use_batch_source_freshness.no_warn else bigquery__last_modified_by_table(relations) }}
  {%- endset -%}
  {%- call statement('last_modified', fetch_result=True) -%}{{ sql }}{%- endcall -%}
  {{ return(load_result('last_modified')) }}
{%- endmacro %}

{% macro bigquery__last_modified_by_table(relations) -%}
  {%- for relation in relations %}
    {%- set table = adapter.get_bq_table(relation) -%}
    {%- if table is none -%}
      {{ exceptions.raise_compiler_error("The table " ~ relation ~ " was not found.") }}
    {%- endif %}
    select
      '{{ relation.schema | replace("'", "\\'") }}' as schema,
      '{{ relation.identifier | replace("'", "\\'") }}' as identifier,
      timestamp_millis({{ table.modified }}) as last_modified,
      {{ current_timestamp() }} as snapshotted_at
    {{ 'union all' if not loop.last }}
  {%- endfor %}
{%- endmacro %}

{% macro bigquery__last_modified_in_storage(relations) -%}
  {%- set location = adapter.get_dataset_location(relations[0]) -%}
  {%- set storage = relations[0].incorporate(location=location).information_schema('TABLE_STORAGE') %}
    select
      table_schema as schema,
      table_name as identifier,
      storage_last_modified_time as last_modified,
      {{ current_timestamp() }} as snapshotted_at
    from {{ storage }}
    where
    {%- for relation in relations %}
      (upper(table_schema) = upper('{{ relation.schema | replace("'", "\\'") }}')
        and upper(table_name) = upper('{{ relation.identifier | replace("'", "\\'") }}'))
      {{ 'or' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{% macro date_sharded_table(base_name) %}
  {{ return(base_name ~ "[DBT__PARTITION_DATE]") }}
{% endmacro %}
