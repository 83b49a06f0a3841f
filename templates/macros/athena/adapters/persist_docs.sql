{#- Descriptions are written into Glue, and only where they changed: each writing makes a version of the table. -#}
{% macro athena__persist_docs(relation, model, for_relation=true, for_columns=true) -%}
  {%- set describes_relation = for_relation and config.persist_relation_docs() -%}
  {%- set describes_columns = for_columns and config.persist_column_docs() and model.columns -%}
  {%- if describes_columns -%}
    {%- set existing_names = adapter.get_columns_in_relation(relation) | map(attribute='name') | list -%}
    {%- do validate_doc_columns(relation, model.columns, existing_names) -%}
  {%- endif -%}
  {%- if describes_relation or describes_columns -%}
    {%- set columns = {} -%}
    {%- for name, column in (model.columns or {}).items() -%}
      {%- do columns.update({name: {'description': column.description or '', 'meta': column.meta or {}}}) -%}
    {%- endfor -%}
    {%- do adapter.persist_docs_to_glue(
      relation,
      {
        'description': model.description or '',
        'meta': model.config.meta or {},
        'columns': columns,
        'parameters': {
          'unique_id': model.unique_id,
          'materialized': model.config.materialized,
          'dbt_project_name': project_name
        }
      },
      describes_relation,
      describes_columns,
      True
    ) -%}
  {%- endif -%}
{%- endmacro %}
