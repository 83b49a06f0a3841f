{#- Writes descriptions into the warehouse as comments, where `persist_docs` asks for it. -#}
{% macro persist_docs(relation, model, for_relation=true, for_columns=true) -%}
  {{ return(adapter.dispatch('persist_docs', 'dbt')(relation, model, for_relation, for_columns)) }}
{%- endmacro %}

{% macro default__persist_docs(relation, model, for_relation, for_columns) -%}
  {% if for_relation and config.persist_relation_docs() and model.description %}
    {% set comment_sql = alter_relation_comment(relation, model.description) %}
    {% if comment_sql and comment_sql | trim %}
      {% do run_query(comment_sql) %}
    {% endif %}
  {% endif %}

  {% if for_columns and config.persist_column_docs() and model.columns %}
    {% set existing_names = get_list_of_column_names(adapter.get_columns_in_relation(relation)) %}
    {% set documented = validate_doc_columns(relation, model.columns, existing_names) %}
    {% set comment_sql = alter_column_comment(relation, documented) %}
    {% if comment_sql and comment_sql | trim %}
      {% do run_query(comment_sql) %}
    {% endif %}
  {% endif %}
{%- endmacro %}


{#- The documented columns that exist, with a warning about those that do not. Quoted names have to
    match exactly. -#}
{% macro validate_doc_columns(relation, column_dict, existing_column_names) %}
  {% set lowered = existing_column_names | map('lower') | list %}
  {% set found = {} %}
  {% set missing = [] %}
  {% for name, column in column_dict.items() %}
    {% set exists = name in existing_column_names if column['quote'] else name | lower in lowered %}
    {% if exists %}
      {% do found.update({name: column}) %}
    {% else %}
      {% do missing.append(name) %}
    {% endif %}
  {% endfor %}
  {% if missing %}
    {% do exceptions.warn(
      "In relation " ~ relation.render()
      ~ ": The following columns are specified in the schema but are not present in the database: "
      ~ missing | join(', ')
    ) %}
  {% endif %}
  {{ return(found) }}
{% endmacro %}


{% macro alter_relation_comment(relation, relation_comment) -%}
  {{ return(adapter.dispatch('alter_relation_comment', 'dbt')(relation, relation_comment)) }}
{%- endmacro %}

{% macro default__alter_relation_comment(relation, relation_comment) -%}
  {% do exceptions.raise_not_implemented(
    'alter_relation_comment macro not implemented for adapter ' ~ adapter.type()
  ) %}
{%- endmacro %}


{% macro alter_column_comment(relation, column_dict) -%}
  {{ return(adapter.dispatch('alter_column_comment', 'dbt')(relation, column_dict)) }}
{%- endmacro %}

{% macro default__alter_column_comment(relation, column_dict) -%}
  {% do exceptions.raise_not_implemented(
    'alter_column_comment macro not implemented for adapter ' ~ adapter.type()
  ) %}
{%- endmacro %}
