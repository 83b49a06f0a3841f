{#- What is in a dataset, one row for each column or field inside of one: one statement for the whole
    dataset. Tables that are shards of a day (`events_20240131`) count as one, `events_*`. -#}
{% macro bigquery__get_catalog(information_schema, schemas) -%}
  {%- if not schemas or not adapter.check_schema_exists(information_schema.database, schemas[0]) -%}
    {{ return(run_query('select 1 as id limit 0')) }}
  {%- endif -%}
  {{ return(run_query(bigquery_catalog_sql(information_schema, none))) }}
{%- endmacro %}

{% macro bigquery__get_catalog_relations(information_schema, relations) -%}
  {%- if not relations -%}
    {{ return(run_query('select 1 as id limit 0')) }}
  {%- endif -%}
  {{ return(run_query(bigquery_catalog_sql(information_schema, relations))) }}
{%- endmacro %}

{% macro bigquery_catalog_sql(information_schema, relations) -%}
with shards as (
  select
    tables.project_id as table_catalog,
    tables.dataset_id as table_schema,
    coalesce(regexp_extract(tables.table_id, '^(.+)[0-9]{8}$'), tables.table_id) as table_name,
    tables.table_id as shard_name,
    regexp_extract(tables.table_id, '^.+([0-9]{8})$') as shard_index,
    regexp_contains(tables.table_id, '^.+[0-9]{8}$') and tables.type = 1 as is_date_shard,
    case
      when materialized.table_name is not null then 'materialized view'
      when tables.type = 1 then 'table'
      when tables.type = 2 then 'view'
      else 'external'
    end as table_type,
    tables.type = 1 as is_table,
    json_value(options.option_value) as table_comment,
    tables.size_bytes,
    tables.row_count
  from {{ information_schema.replace(information_schema_view='__TABLES__') }} tables
  left join {{ information_schema.replace(information_schema_view='MATERIALIZED_VIEWS') }} materialized
    on materialized.table_catalog = tables.project_id
    and materialized.table_schema = tables.dataset_id
    and materialized.table_name = tables.table_id
  left join {{ information_schema.replace(information_schema_view='TABLE_OPTIONS') }} options
    on options.table_catalog = tables.project_id
    and options.table_schema = tables.dataset_id
    and options.table_name = tables.table_id
    and options.option_name = 'description'
  {%- if relations %}
  where
  {%- for relation in relations %}
    upper(tables.table_id) = upper('{{ relation.identifier | replace("'", "\\'") }}') {{ 'or' if not loop.last }}
  {%- endfor %}
  {%- endif %}
),

tables as (
  select
    table_catalog, table_schema, table_name, is_date_shard, table_type, is_table,
    max(table_comment) as table_comment,
    max(shard_name) as last_shard,
    min(shard_index) as shard_min,
    max(shard_index) as shard_max,
    count(shard_index) as shard_count,
    sum(size_bytes) as size_bytes,
    sum(row_count) as row_count
  from shards
  group by table_catalog, table_schema, table_name, is_date_shard, table_type, is_table
),

columns as (
  select
    columns.table_catalog,
    columns.table_schema,
    columns.table_name as shard_name,
    coalesce(paths.field_path, '<unknown>') as column_name,
    -- fields inside of columns have no place of their own
    row_number() over (
      partition by columns.table_catalog, columns.table_schema, columns.table_name
      order by columns.ordinal_position, paths.field_path
    ) as column_index,
    coalesce(paths.data_type, '<unknown>') as column_type,
    paths.description as column_comment,
    case when columns.is_partitioning_column = 'YES' then paths.field_path end as partition_column,
    case when columns.clustering_ordinal_position is not null then paths.field_path end as cluster_column,
    columns.clustering_ordinal_position
  from {{ information_schema.replace(information_schema_view='COLUMNS') }} columns
  join {{ information_schema.replace(information_schema_view='COLUMN_FIELD_PATHS') }} paths
    on paths.table_catalog = columns.table_catalog
    and paths.table_schema = columns.table_schema
    and paths.table_name = columns.table_name
    and paths.column_name = columns.column_name
  where columns.ordinal_position is not null
),

layouts as (
  select
    table_catalog, table_schema, shard_name,
    max(partition_column) as partition_column,
    array_to_string(
      array_agg(cluster_column ignore nulls order by clustering_ordinal_position), ', '
    ) as clustering_columns
  from columns
  group by table_catalog, table_schema, shard_name
)

select
  tables.table_catalog as table_database,
  tables.table_schema,
  case when tables.is_date_shard then concat(tables.table_name, '*') else tables.table_name end as table_name,
  tables.table_type,
  tables.table_comment,
  -- what stands outside of BigQuery has no columns here
  coalesce(columns.column_name, '<unknown>') as column_name,
  coalesce(columns.column_index, 1) as column_index,
  coalesce(columns.column_type, '<unknown>') as column_type,
  coalesce(columns.column_comment, '') as column_comment,

  {{ bigquery_catalog_stat('date_shards', 'Shard count', 'The number of date shards in this table', 'tables.shard_count', 'tables.is_date_shard') }},
  {{ bigquery_catalog_stat('date_shard_min', 'Shard (min)', 'The first date shard in this table', 'tables.shard_min', 'tables.is_date_shard') }},
  {{ bigquery_catalog_stat('date_shard_max', 'Shard (max)', 'The last date shard in this table', 'tables.shard_max', 'tables.is_date_shard') }},
  {{ bigquery_catalog_stat('num_rows', '# Rows', 'Approximate count of rows in this table', 'tables.row_count', 'tables.is_table') }},
  {{ bigquery_catalog_stat('num_bytes', 'Approximate Size', 'Approximate size of table as reported by BigQuery', 'tables.size_bytes', 'tables.is_table') }},
  {{ bigquery_catalog_stat('partitioning_type', 'Partitioned By', 'The partitioning column for this table', 'layouts.partition_column', 'layouts.partition_column is not null') }},
  {{ bigquery_catalog_stat('clustering_fields', 'Clustered By', 'The clustering columns for this table', 'layouts.clustering_columns', "coalesce(layouts.clustering_columns, '') != ''") }}

from tables
left join layouts
  on layouts.table_catalog = tables.table_catalog
  and layouts.table_schema = tables.table_schema
  and layouts.shard_name = tables.last_shard
left join columns
  on columns.table_catalog = tables.table_catalog
  and columns.table_schema = tables.table_schema
  and columns.shard_name = tables.last_shard
{%- endmacro %}

{#- A fact of a table in the form in which the catalog has it; colons are no part of a name in BigQuery. -#}
{% macro bigquery_catalog_stat(id, label, description, value, include) -%}
  '{{ label }}' as `stats__{{ id }}__label`,
  {{ value }} as `stats__{{ id }}__value`,
  '{{ description }}' as `stats__{{ id }}__description`,
  {{ include }} as `stats__{{ id }}__include`
{%- endmacro %}
