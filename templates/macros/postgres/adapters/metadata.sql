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

{% macro postgres__get_columns_in_relation(relation) -%}
  {% call statement('get_columns_in_relation', fetch_result=True) -%}
    select
        column_name,
        data_type,
        character_maximum_length,
        numeric_precision,
        numeric_scale
    from {{ relation.information_schema('columns') }}
    where table_name = '{{ relation.identifier | replace("'", "''") }}'
    {%- if relation.schema %}
      and table_schema = '{{ relation.schema | replace("'", "''") }}'
    {%- endif %}
    order by ordinal_position
  {%- endcall %}
  {{ return(sql_convert_columns_in_relation(load_result('get_columns_in_relation').table)) }}
{%- endmacro %}
