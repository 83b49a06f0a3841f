{% macro postgres__information_schema_name(database) -%}
  {%- if database -%}
    {%- do postgres__verify_database(database) -%}
  {%- endif -%}
  information_schema
{%- endmacro %}

{% macro postgres__list_schemas(database) %}
  {%- if database -%}
    {%- do postgres__verify_database(database) -%}
  {%- endif -%}
  {{ return(run_query('select distinct nspname from pg_namespace')) }}
{% endmacro %}

{% macro postgres__check_schema_exists(information_schema, schema) -%}
  {%- if information_schema.database -%}
    {%- do postgres__verify_database(information_schema.database) -%}
  {%- endif -%}
  {{ return(run_query("select count(*) from pg_namespace where nspname = '" ~ (schema | replace("'", "''")) ~ "'")) }}
{%- endmacro %}

{#- Functions are listed too, so that the project's own are known. -#}
{% macro postgres__list_relations_without_caching(schema_relation) %}
  {%- set database = "'" ~ (schema_relation.database | replace("'", "''")) ~ "' as database" -%}
  {%- set schema = "lower('" ~ (schema_relation.schema | replace("'", "''")) ~ "')" -%}
  {% call statement('list_relations_without_caching', fetch_result=True) -%}
    select {{ database }}, tablename as name, schemaname as schema, 'table' as type
    from pg_tables
    where lower(schemaname) = {{ schema }}
    union all
    select {{ database }}, viewname, schemaname, 'view'
    from pg_views
    where lower(schemaname) = {{ schema }}
    union all
    select {{ database }}, matviewname, schemaname, 'materialized_view'
    from pg_matviews
    where lower(schemaname) = {{ schema }}
    union all
    select distinct {{ database }}, functions.proname, namespaces.nspname, 'function'
    from pg_proc as functions
    join pg_namespace as namespaces on namespaces.oid = functions.pronamespace
    where lower(namespaces.nspname) = {{ schema }}
  {%- endcall %}
  {{ return(load_result('list_relations_without_caching').table) }}
{% endmacro %}

{#- The information schema knows nothing of materialized views, so their columns come from the catalog. -#}
{% macro postgres__get_columns_in_relation(relation) -%}
  {%- set name = relation.identifier | replace("'", "''") -%}
  {%- set schema = relation.schema | replace("'", "''") if relation.schema -%}
  {% call statement('get_columns_in_relation', fetch_result=True) -%}
    select column_name, data_type, character_maximum_length, numeric_precision, numeric_scale
    from (
      select
          column_name::text,
          data_type::text,
          character_maximum_length::integer,
          numeric_precision::integer,
          numeric_scale::integer,
          ordinal_position::integer
      from {{ relation.information_schema('columns') }}
      where table_name = '{{ name }}'
      {%- if schema %}
        and table_schema = '{{ schema }}'
      {%- endif %}
      union all
      select
          columns.attname,
          case when types.typcategory = 'A' then 'ARRAY' else format_type(columns.atttypid, null) end,
          information_schema._pg_char_max_length(columns.atttypid, columns.atttypmod),
          information_schema._pg_numeric_precision(columns.atttypid, columns.atttypmod),
          information_schema._pg_numeric_scale(columns.atttypid, columns.atttypmod),
          columns.attnum
      from pg_catalog.pg_class as relations
      join pg_catalog.pg_namespace as schemas on schemas.oid = relations.relnamespace
      join pg_catalog.pg_attribute as columns on columns.attrelid = relations.oid
      join pg_catalog.pg_type as types on types.oid = columns.atttypid
      where relations.relkind = 'm'
        and relations.relname = '{{ name }}'
      {%- if schema %}
        and schemas.nspname = '{{ schema }}'
      {%- endif %}
        and columns.attnum > 0
        and not columns.attisdropped
    ) as columns
    order by ordinal_position
  {%- endcall %}
  {{ return(sql_convert_columns_in_relation(load_result('get_columns_in_relation').table)) }}
{%- endmacro %}
