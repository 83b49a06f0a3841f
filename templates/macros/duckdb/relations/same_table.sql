{#- The conditions by which DuckDB's catalog functions are asked for one schema or one table. -#}

{% macro duckdb__same_schema_condition(relation) -%}
  lower(database_name) = lower('{{ relation.database | replace("'", "''") }}')
  and lower(schema_name) = lower('{{ relation.schema | replace("'", "''") }}')
{%- endmacro %}

{% macro duckdb__same_table_condition(relation) -%}
  {{ duckdb__same_schema_condition(relation) }}
  and lower(table_name) = lower('{{ relation.identifier | replace("'", "''") }}')
{%- endmacro %}
