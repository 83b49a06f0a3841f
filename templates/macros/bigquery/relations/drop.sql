{#- Through the API: quicker than a job, and no error where there is nothing to drop. -#}
{% macro bigquery__drop_relation(relation) -%}
  {% do adapter.delete_table(relation) %}
{%- endmacro %}

{% macro bigquery__drop_table(relation) -%}
  drop table if exists {{ relation }}
{%- endmacro %}

{% macro bigquery__drop_view(relation) -%}
  drop view if exists {{ relation }}
{%- endmacro %}

{% macro bigquery__drop_materialized_view(relation) -%}
  drop materialized view if exists {{ relation }}
{%- endmacro %}

{% macro bigquery__drop_schema(relation) -%}
  {% do adapter.delete_dataset(relation) %}
{%- endmacro %}
