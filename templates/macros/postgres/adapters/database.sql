{#- A connection to Postgres sees one database only. -#}
{% macro postgres__verify_database(database) -%}
  {%- set given = database | string | replace('"', '') -%}
  {%- set connected = target.database or target.dbname -%}
  {%- if given | lower != connected | lower -%}
    {%- do exceptions.raise_compiler_error(
      "Cross-db references not allowed in " ~ adapter.type() ~ " (" ~ given ~ " vs " ~ connected ~ ")"
    ) -%}
  {%- endif -%}
{%- endmacro %}
