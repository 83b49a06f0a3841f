{#- Starburst Galaxy keeps functions in `galaxy.functions`, which is always there and nobody may create. -#}
{% macro is_galaxy_functions_schema(relation) %}
  {{ return(relation.database | lower == 'galaxy' and relation.schema | lower == 'functions') }}
{% endmacro %}

{#- That schema cannot be had under another name, so nothing is put before it. -#}
{% macro trino__generate_schema_name(custom_schema_name, node) -%}
  {%- if custom_schema_name and node and node.database | lower == 'galaxy'
    and custom_schema_name | trim | lower == 'functions' -%}
    {{ custom_schema_name | trim }}
  {%- else -%}
    {{ dbt.default__generate_schema_name(custom_schema_name, node) }}
  {%- endif -%}
{%- endmacro %}

{% macro trino__create_schema(relation) -%}
  {%- if not is_galaxy_functions_schema(relation) -%}
    {%- call statement('create_schema') -%}
      create schema if not exists {{ relation.without_identifier() }}
    {%- endcall -%}
  {%- endif -%}
{%- endmacro %}


{#- Each overload of a function: name, type of its result, types of its arguments. -#}
{% macro list_functions_in_schema(relation) %}
  {{ return(run_query('show functions from ' ~ relation.without_identifier())) }}
{% endmacro %}

{#- No catalog drops a schema with what is in it, so all of it is dropped first. -#}
{% macro trino__drop_schema(relation) -%}
  {% set schema = relation.without_identifier() %}
  {% set found = run_query(
    "select count(*) from " ~ information_schema_name(relation.database) ~ ".schemata where schema_name = '"
    ~ relation.schema | lower | replace("'", "''") ~ "'"
  ) %}
  {% if found.rows[0][0] > 0 %}
    {% for row in list_relations_without_caching(relation) %}
      {% do drop_relation(api.Relation.create(
        database=row[0], identifier=row[1], schema=row[2], type=row[3]
      )) %}
    {% endfor %}
    {% for function in list_functions_in_schema(relation) %}
      {% call statement('drop_function') -%}
        drop function if exists {{ schema }}.{{ adapter.quote(function[0]) }}({{ function[2] }})
      {%- endcall %}
    {% endfor %}
    {%- call statement('drop_schema') -%}
      drop schema if exists {{ schema }}
    {%- endcall -%}
  {% endif %}
{%- endmacro %}
