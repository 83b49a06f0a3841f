{#- `system.information_schema` shows every attached database, whichever is in use. -#}

{% macro duckdb__list_schemas(database) -%}
  {% set sql %}
    select schema_name
    from system.information_schema.schemata
    {% if database is not none -%}
    where lower(catalog_name) = '{{ database | lower | replace("'", "''") }}'
    {%- endif %}
  {% endset %}
  {{ return(run_query(sql)) }}
{%- endmacro %}

{% macro duckdb__check_schema_exists(information_schema, schema) -%}
  {% set sql %}
    select count(*)
    from system.information_schema.schemata
    where lower(schema_name) = '{{ schema | lower | replace("'", "''") }}'
      and lower(catalog_name) = '{{ information_schema.database | lower | replace("'", "''") }}'
  {% endset %}
  {{ return(run_query(sql)) }}
{%- endmacro %}

{% macro duckdb__list_relations_without_caching(schema_relation) %}
  {% call statement('list_relations_without_caching', fetch_result=True) -%}
    select
        '{{ schema_relation.database | replace("'", "''") }}' as database,
        table_name as name,
        table_schema as schema,
        case table_type when 'VIEW' then 'view' else 'table' end as type
    from system.information_schema.tables
    where lower(table_schema) = '{{ schema_relation.schema | lower | replace("'", "''") }}'
      and lower(table_catalog) = '{{ schema_relation.database | lower | replace("'", "''") }}'
  {%- endcall %}
  {{ return(load_result('list_relations_without_caching').table) }}
{% endmacro %}

{#- `describe` loads one relation; information_schema.columns would load the catalogs of all attached
    databases. The type's text carries length, precision and scale already. -#}
{% macro duckdb__get_columns_in_relation(relation) -%}
  {% call statement('get_columns_in_relation', fetch_result=True) -%}
    select
        column_name,
        column_type as data_type,
        null::bigint as character_maximum_length,
        null::bigint as numeric_precision,
        null::bigint as numeric_scale
    from (describe {{ relation.render() }})
  {%- endcall %}
  {{ return(sql_convert_columns_in_relation(load_result('get_columns_in_relation').table)) }}
{%- endmacro %}

{#- The columns of a query are found with `describe`, which does not take statements in front of the
    query, so a header runs on its own before. -#}
{% macro duckdb__get_empty_subquery_sql(select_sql, select_sql_header=none) %}
  {%- if select_sql_header is not none -%}
    {%- do run_query(select_sql_header) -%}
  {%- endif %}
    select * from (
        {{ select_sql }}
    ) as __dbt_sbq
    where false
    limit 0
{% endmacro %}
