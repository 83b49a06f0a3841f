{% macro duckdb__get_catalog(information_schema, schemas) -%}
  {%- set conditions = [] -%}
  {%- for schema in schemas -%}
    {%- do conditions.append("upper(table_schema) = upper('" ~ schema | replace("'", "''") ~ "')") -%}
  {%- endfor -%}
  {{ return(run_query(duckdb__get_catalog_sql(information_schema.database, conditions))) }}
{%- endmacro %}


{% macro duckdb__get_catalog_relations(information_schema, relations) -%}
  {%- set conditions = [] -%}
  {%- for relation in relations -%}
    {%- if not relation.schema -%}
      {%- do exceptions.raise_compiler_error(
        '`get_catalog_relations` requires a list of relations, each with a schema'
      ) -%}
    {%- endif -%}
    {%- set in_schema = "upper(table_schema) = upper('" ~ relation.schema | replace("'", "''") ~ "')" -%}
    {%- if relation.identifier -%}
      {%- do conditions.append(
        '(' ~ in_schema ~ " and upper(table_name) = upper('" ~ relation.identifier | replace("'", "''") ~ "'))"
      ) -%}
    {%- else -%}
      {%- do conditions.append(in_schema) -%}
    {%- endif -%}
  {%- endfor -%}
  {{ return(run_query(duckdb__get_catalog_sql(information_schema.database, conditions))) }}
{%- endmacro %}


{#- One row for each column of the relations that meet one of the conditions. -#}
{% macro duckdb__get_catalog_sql(database, conditions) -%}
    with relations as (
        select
            database_name as table_database,
            schema_name as table_schema,
            table_name,
            'BASE TABLE' as table_type,
            comment as table_comment
        from duckdb_tables()
        union all
        select database_name, schema_name, view_name, 'VIEW', comment
        from duckdb_views()
    ),

    columns as (
        select
            database_name as table_database,
            schema_name as table_schema,
            table_name,
            column_name,
            column_index,
            data_type as column_type,
            comment as column_comment
        from duckdb_columns()
    )

    select
        table_database,
        table_schema,
        table_name,
        table_type,
        table_comment,
        column_name,
        column_index,
        column_type,
        column_comment,
        null as table_owner
    from relations
    join columns using (table_database, table_schema, table_name)
    where upper(table_database) = upper('{{ database | replace("'", "''") }}')
      and ({{ conditions | join(' or ') if conditions else 'false' }})
    order by table_schema, table_name, column_index
{%- endmacro %}
