{#- Descriptions through the API, also of fields inside of columns by their whole names. -#}
{% macro bigquery__persist_docs(relation, model, for_relation, for_columns) -%}
  {% if for_relation and config.persist_relation_docs() and model.description %}
    {% do alter_relation_comment(relation, model.description) %}
  {% endif %}
  {% if for_columns and config.persist_column_docs() and model.columns %}
    {%- set known = [] -%}
    {%- for column in adapter.get_columns_in_relation(relation) -%}
      {%- for leaf in column.flatten() -%}
        {%- set parts = leaf.name.split('.') -%}
        {%- for count in range(1, parts | length + 1) -%}
          {%- set name = parts[:count] | join('.') -%}
          {%- if name not in known -%}{%- do known.append(name) -%}{%- endif -%}
        {%- endfor -%}
      {%- endfor -%}
    {%- endfor -%}
    {% do alter_column_comment(relation, validate_doc_columns(relation, model.columns, known)) %}
  {% endif %}
{%- endmacro %}

{% macro bigquery__alter_relation_comment(relation, relation_comment) -%}
  {%- if not adapter.behavior.bigquery_noop_alter_relation_comment.no_warn -%}
    {% do adapter.update_table_description(
      relation.database, relation.schema, relation.identifier, relation_comment
    ) %}
  {%- endif -%}
{%- endmacro %}

{% macro bigquery__alter_column_comment(relation, column_dict) -%}
  {% do adapter.update_columns(relation, column_dict) %}
{%- endmacro %}
