{#- What the docs show, from Glue: one chain of requests for each schema. -#}

{% macro athena__get_catalog(information_schema, schemas) -%}
  {{ return(adapter.athena_catalog(information_schema.database, schemas)) }}
{%- endmacro %}

{#- The schemas of the relations as a whole: a listing takes fewer requests than its tables one by one. -#}
{% macro athena__get_catalog_relations(information_schema, relations) -%}
  {{ return(adapter.athena_catalog(
    information_schema.database, relations | map(attribute='schema') | unique | list
  )) }}
{%- endmacro %}
