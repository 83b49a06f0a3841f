{#- Names are in lower case in every catalog, quoted or not. -#}

{% macro trino__information_schema_name(database) -%}
  {{ adapter.quote(database) ~ '.' if database }}information_schema
{%- endmacro %}

{% macro trino__list_schemas(database) -%}
  {{ return(run_query('select schema_name from ' ~ information_schema_name(database) ~ '.schemata')) }}
{%- endmacro %}

{% macro trino__check_schema_exists(information_schema, schema) -%}
  {{ return(run_query(
    "select count(*) from " ~ information_schema_name(information_schema.database)
    ~ ".schemata where schema_name = '" ~ schema | lower | replace("'", "''") ~ "'"
  )) }}
{%- endmacro %}

{#- Materialized views are tables to the information schema; the server itself lists them apart. -#}
{% macro trino__list_relations_without_caching(relation) %}
  {%- set database = relation.database | lower | replace("'", "''") -%}
  {%- set schema = relation.schema | lower | replace("'", "''") -%}
  {% call statement('list_relations_without_caching', fetch_result=True) -%}
    select
        relations.table_catalog as database,
        relations.table_name as name,
        relations.table_schema as schema,
        case
            when materialized.name is not null then 'materialized_view'
            when relations.table_type = 'VIEW' then 'view'
            else 'table'
        end as type
    from {{ information_schema_name(relation.database) }}.tables as relations
    left join (
        select name
        from system.metadata.materialized_views
        where catalog_name = '{{ database }}'
          and schema_name = '{{ schema }}'
    ) as materialized on materialized.name = relations.table_name
    where relations.table_schema = '{{ schema }}'
  {%- endcall %}
  {{ return(load_result('list_relations_without_caching').table) }}
{% endmacro %}

{% macro trino__get_columns_in_relation(relation) -%}
  {%- set rows = run_query(
    "select column_name, data_type from " ~ information_schema_name(relation.database) ~ ".columns"
    ~ " where table_schema = '" ~ relation.schema | lower | replace("'", "''")
    ~ "' and table_name = '" ~ relation.identifier | lower | replace("'", "''") ~ "' order by ordinal_position"
  ) -%}
  {%- set columns = [] -%}
  {%- for row in rows -%}
    {%- do columns.append(api.Column.from_description(row[0] | lower, row[1])) -%}
  {%- endfor -%}
  {{ return(columns) }}
{%- endmacro %}
