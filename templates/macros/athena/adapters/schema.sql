{#- Data definition is Hive's: names stand between backquotes, without the catalog. -#}

{% macro athena__create_schema(relation) -%}
  {%- call statement('create_schema') -%}
    create schema if not exists {{ relation.without_identifier().render_hive() }}
  {%- endcall -%}
{%- endmacro %}

{% macro athena__drop_schema(relation) -%}
  {%- call statement('drop_schema') -%}
    drop schema if exists {{ relation.without_identifier().render_hive() }} cascade
  {%- endcall -%}
{%- endmacro %}

{#- Drops a database by Glue, for those whose name Hive does not take. -#}
{% macro drop_glue_database(database_name, catalog_name='awsdatacatalog') -%}
  {%- do adapter.drop_glue_database(database_name, catalog_name) -%}
{%- endmacro %}
