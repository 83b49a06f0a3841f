{#- What is in the warehouse. Most of it every adapter has to write for itself. -#}

{% macro list_schemas(database) -%}
  {{ return(adapter.dispatch('list_schemas', 'dbt')(database)) }}
{%- endmacro %}

{% macro default__list_schemas(database) -%}
  {{ return(run_query(
    "select distinct schema_name from " ~ information_schema_name(database)
    ~ ".SCHEMATA where catalog_name ilike '" ~ database | replace("'", "''") ~ "'"
  )) }}
{%- endmacro %}


{% macro check_schema_exists(information_schema, schema) -%}
  {{ return(adapter.dispatch('check_schema_exists', 'dbt')(information_schema, schema)) }}
{%- endmacro %}

{% macro default__check_schema_exists(information_schema, schema) -%}
  {{ return(run_query(
    "select count(*) from " ~ information_schema.replace(information_schema_view='SCHEMATA')
    ~ " where catalog_name = '" ~ information_schema.database | replace("'", "''")
    ~ "' and schema_name = '" ~ schema | replace("'", "''") ~ "'"
  )) }}
{%- endmacro %}


{% macro information_schema_name(database) %}
  {{ return(adapter.dispatch('information_schema_name', 'dbt')(database)) }}
{% endmacro %}

{% macro default__information_schema_name(database) -%}
  {{ database ~ '.' if database }}INFORMATION_SCHEMA
{%- endmacro %}


{#- The relations of a schema: database, name, schema, type. -#}
{% macro list_relations_without_caching(schema_relation) %}
  {{ return(adapter.dispatch('list_relations_without_caching', 'dbt')(schema_relation)) }}
{% endmacro %}

{% macro default__list_relations_without_caching(schema_relation) %}
  {% do exceptions.raise_not_implemented(
    'list_relations_without_caching macro not implemented for adapter ' ~ adapter.type()
  ) %}
{% endmacro %}


{% macro list_function_relations_without_caching(schema_relation) %}
  {{ return(adapter.dispatch('list_function_relations_without_caching', 'dbt')(schema_relation)) }}
{% endmacro %}

{% macro default__list_function_relations_without_caching(schema_relation) %}
  {% do exceptions.raise_not_implemented(
    'list_function_relations_without_caching macro not implemented for adapter ' ~ adapter.type()
  ) %}
{% endmacro %}


{#- Which relation needs which, for databases that drop in cascades. -#}
{% macro get_relations() %}
  {{ return(adapter.dispatch('get_relations', 'dbt')()) }}
{% endmacro %}

{% macro default__get_relations() %}
  {% do exceptions.raise_not_implemented('get_relations macro not implemented for adapter ' ~ adapter.type()) %}
{% endmacro %}


{#- When relations were last written, for source freshness without a column that says it. -#}
{% macro get_relation_last_modified(information_schema, relations) %}
  {{ return(adapter.dispatch('get_relation_last_modified', 'dbt')(information_schema, relations)) }}
{% endmacro %}

{% macro default__get_relation_last_modified(information_schema, relations) %}
  {% do exceptions.raise_not_implemented(
    'get_relation_last_modified macro not implemented for adapter ' ~ adapter.type()
  ) %}
{% endmacro %}
