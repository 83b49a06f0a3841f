{% macro athena__get_create_materialized_view_as_sql(relation, sql) -%}
  {%- do exceptions.raise_compiler_error(
    "Athena has no materialized views: use `materialized: table` or `incremental`"
  ) -%}
{%- endmacro %}
