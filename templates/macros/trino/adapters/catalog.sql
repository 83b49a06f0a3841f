{#- What the docs show: one query for all schemas of a catalog, or for some relations of it. -#}

{% macro trino__get_catalog(information_schema, schemas) -%}
  {%- set names = [] -%}
  {%- for schema in schemas -%}
    {%- do names.append("'" ~ schema | lower | replace("'", "''") ~ "'") -%}
  {%- endfor -%}
  {{ return(run_query(trino__get_catalog_sql(
    information_schema.database,
    'table_schema in (' ~ names | join(', ') ~ ')' if names else 'false',
    'schema_name in (' ~ names | join(', ') ~ ')' if names else 'false'
  ))) }}
{%- endmacro %}


{% macro trino__get_catalog_relations(information_schema, relations) -%}
  {%- set in_tables = [] -%}
  {%- set in_comments = [] -%}
  {%- for relation in relations -%}
    {%- if not relation.schema -%}
      {%- do exceptions.raise_compiler_error(
        '`get_catalog_relations` requires a list of relations, each with a schema'
      ) -%}
    {%- endif -%}
    {%- set schema = " = '" ~ relation.schema | lower | replace("'", "''") ~ "'" -%}
    {%- set name = '' -%}
    {%- if relation.identifier -%}
      {%- set name = " and table_name = '" ~ relation.identifier | lower | replace("'", "''") ~ "'" -%}
    {%- endif -%}
    {%- do in_tables.append('(table_schema' ~ schema ~ name ~ ')') -%}
    {%- do in_comments.append('(schema_name' ~ schema ~ name ~ ')') -%}
  {%- endfor -%}
  {{ return(run_query(trino__get_catalog_sql(
    information_schema.database, in_tables | join(' or ') or 'false', in_comments | join(' or ') or 'false'
  ))) }}
{%- endmacro %}


{#- One row for each column. A relation whose comment cannot be read is shown without one. -#}
{% macro trino__get_catalog_sql(database, in_tables, in_comments) -%}
    with relations as (
        select table_schema, table_name, table_type
        from {{ information_schema_name(database) }}.tables
        where {{ in_tables }}
    ),

    columns as (
        select table_schema, table_name, column_name, ordinal_position, data_type, comment
        from {{ information_schema_name(database) }}.columns
        where {{ in_tables }}
    ),

    comments as (
        select schema_name, table_name, comment
        from system.metadata.table_comments
        where catalog_name = '{{ database | lower | replace("'", "''") }}'
          and ({{ in_comments }})
    )

    select
        '{{ database | replace("'", "''") }}' as table_database,
        relations.table_schema,
        relations.table_name,
        relations.table_type,
        comments.comment as table_comment,
        columns.column_name,
        columns.ordinal_position as column_index,
        columns.data_type as column_type,
        columns.comment as column_comment,
        cast(null as varchar) as table_owner
    from relations
    join columns
        on columns.table_schema = relations.table_schema
        and columns.table_name = relations.table_name
    left join comments
        on comments.schema_name = relations.table_schema
        and comments.table_name = relations.table_name
    order by relations.table_schema, relations.table_name, columns.ordinal_position
{%- endmacro %}
