{#- Databases of other kinds may be attached: SQLite has one schema only, `main`, and MySQL none that
    could be created. -#}
{% macro duckdb__create_schema(relation) -%}
  {%- set kinds = run_query(
    "select type from duckdb_databases() where type != 'duckdb' and lower(database_name) = '"
    ~ relation.database | lower | replace("'", "''") ~ "'"
  ) -%}
  {%- set kind = kinds.rows[0][0] if kinds.rows | length > 0 else 'duckdb' -%}

  {%- if kind == 'sqlite' and relation.schema != 'main' -%}
    {%- do exceptions.raise_compiler_error(
      "Schema must be 'main' when writing to sqlite instead got " ~ relation.schema
    ) -%}
  {%- elif kind not in ['sqlite', 'mysql'] -%}
    {%- call statement('create_schema') -%}
      create schema if not exists {{ relation.without_identifier() }}
    {%- endcall -%}
  {%- endif -%}
{%- endmacro %}

{% macro duckdb__drop_schema(relation) -%}
  {%- call statement('drop_schema') -%}
    drop schema if exists {{ relation.without_identifier() }} cascade
  {%- endcall -%}
{%- endmacro %}
