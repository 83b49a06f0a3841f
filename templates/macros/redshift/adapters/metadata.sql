{#- Late-binding views are in no catalog of columns, and external schemas in none of PostgreSQL's; the system views
    of Redshift know both. -#}
{% macro redshift__list_relations_without_caching(schema_relation) %}
  {%- set schema = "lower('" ~ (schema_relation.schema | replace("'", "''")) ~ "')" -%}
  {% call statement('list_relations_without_caching', fetch_result=True) -%}
    select
        table_catalog as database,
        table_name as name,
        table_schema as schema,
        case
            when table_type = 'VIEW' and views.mv_name is not null then 'materialized_view'
            when table_type in ('VIEW', 'LATE BINDING VIEW') then 'view'
            else 'table'
        end as type
    from svv_tables as tables
    left join (
        select trim(schema_name) as mv_schema, trim(name) as mv_name from svv_mv_info
    ) as views on views.mv_schema = tables.table_schema and views.mv_name = tables.table_name
    where lower(table_schema) = {{ schema }}
  {%- endcall %}
  {{ return(load_result('list_relations_without_caching').table) }}
{% endmacro %}

{% macro redshift__get_columns_in_relation(relation) -%}
  {% call statement('get_columns_in_relation', fetch_result=True) -%}
    select
        column_name,
        data_type,
        character_maximum_length,
        numeric_precision,
        numeric_scale
    from svv_columns
    where table_name = '{{ relation.identifier | replace("'", "''") }}'
    {%- if relation.schema %}
      and table_schema = '{{ relation.schema | replace("'", "''") }}'
    {%- endif %}
    order by ordinal_position
  {%- endcall %}
  {{ return(sql_convert_columns_in_relation(load_result('get_columns_in_relation').table)) }}
{%- endmacro %}

{#- Temporary tables live in a schema of the session, which nobody names. -#}
{% macro redshift__make_temp_relation(base_relation, suffix) %}
  {{ return(postgres__make_temp_relation(base_relation, suffix)) }}
{% endmacro %}

{% macro redshift__current_timestamp() -%}
  getdate()
{%- endmacro %}

{% macro redshift__snapshot_get_time() -%}
  {{ current_timestamp() }}::timestamp without time zone
{%- endmacro %}

{% macro redshift__get_show_grant_sql(relation) -%}
  select identity_name as grantee, privilege_type
  from svv_relation_privileges
  where namespace_name = '{{ relation.schema | replace("'", "''") }}'
    and relation_name = '{{ relation.identifier | replace("'", "''") }}'
    and identity_name != current_user
{%- endmacro %}

{#- The size of a text column can be made larger in place; all else by a column beside it, as elsewhere. -#}
{% macro redshift__alter_column_type(relation, column_name, new_column_type) -%}
  {%- if 'character varying' in new_column_type | lower or 'varchar' in new_column_type | lower -%}
    {% call statement('alter_column_type') %}
      alter table {{ relation }} alter column {{ adapter.quote(column_name) }} type {{ new_column_type }}
    {% endcall %}
  {%- else -%}
    {{ default__alter_column_type(relation, column_name, new_column_type) }}
  {%- endif -%}
{%- endmacro %}
