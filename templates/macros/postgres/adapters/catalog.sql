{% macro postgres__get_catalog(information_schema, schemas) -%}
  {%- set relations = [] -%}
  {%- for schema in schemas -%}
    {%- do relations.append({'schema': schema}) -%}
  {%- endfor -%}
  {{ return(postgres__get_catalog_relations(information_schema, relations)) }}
{%- endmacro %}

{% macro postgres__get_catalog_relations(information_schema, relations) -%}
  {%- set database = information_schema.database -%}
  {%- do postgres__verify_database(database) -%}
  {%- set conditions = [] -%}
  {%- for relation in relations -%}
    {%- set in_schema = "upper(schemas.nspname) = upper('" ~ (relation.schema | replace("'", "''")) ~ "')" -%}
    {%- if relation.identifier -%}
      {%- do conditions.append(
        '(' ~ in_schema ~ " and upper(relations.relname) = upper('" ~ (relation.identifier | replace("'", "''")) ~ "'))"
      ) -%}
    {%- else -%}
      {%- do conditions.append(in_schema) -%}
    {%- endif -%}
  {%- endfor -%}

  {%- call statement('catalog', fetch_result=True) -%}
    select
        '{{ database | replace("'", "''") }}' as table_database,
        schemas.nspname as table_schema,
        relations.relname as table_name,
        case relations.relkind
            when 'v' then 'VIEW'
            when 'm' then 'MATERIALIZED VIEW'
            else 'BASE TABLE'
        end as table_type,
        relation_comments.description as table_comment,
        columns.attname as column_name,
        columns.attnum as column_index,
        pg_catalog.format_type(columns.atttypid, columns.atttypmod) as column_type,
        column_comments.description as column_comment,
        pg_get_userbyid(relations.relowner) as table_owner
    from pg_catalog.pg_namespace as schemas
    join pg_catalog.pg_class as relations on relations.relnamespace = schemas.oid
    join pg_catalog.pg_attribute as columns on columns.attrelid = relations.oid
    left join pg_catalog.pg_description as relation_comments
        on relation_comments.objoid = relations.oid and relation_comments.objsubid = 0
    left join pg_catalog.pg_description as column_comments
        on column_comments.objoid = relations.oid and column_comments.objsubid = columns.attnum
    where ({{ conditions | join(' or ') if conditions else 'false' }})
      and not pg_is_other_temp_schema(schemas.oid)
      -- permanent and unlogged, not temporary
      and relations.relpersistence in ('p', 'u')
      -- tables, views, foreign tables, partitioned tables, materialized views
      and relations.relkind in ('r', 'v', 'f', 'p', 'm')
      -- neither system columns nor removed ones
      and columns.attnum > 0
      and not columns.attisdropped
    order by schemas.nspname, relations.relname, columns.attnum
  {%- endcall -%}
  {{ return(load_result('catalog').table) }}
{%- endmacro %}
