{#- A materialized view has the comment that it was created with: no statement changes it. -#}
{% macro trino__alter_relation_comment(relation, relation_comment) -%}
  {%- if not relation.is_materialized_view %}
  comment on {{ 'table' if relation.is_table else 'view' }} {{ relation }} is '{{ relation_comment | replace("'", "''") }}'
  {%- endif %}
{%- endmacro %}

{% macro trino__alter_column_comment(relation, column_dict) -%}
  {%- for name, column in column_dict.items() %}
  comment on column {{ relation }}.{{ adapter.quote(name) }} is
    {{- " '" ~ column['description'] | replace("'", "''") ~ "'" if column['description'] else ' null' }};
  {%- endfor -%}
{%- endmacro %}


{#- As the built-in macro, but every name is compared without regard to case: also a quoted column is in
    lower case. -#}
{% macro validate_doc_columns(relation, column_dict, existing_column_names) %}
  {% set existing = existing_column_names | map('lower') | list %}
  {% set found = {} %}
  {% set missing = [] %}
  {% for name, column in column_dict.items() %}
    {% if name | lower in existing %}
      {% do found.update({name | lower: column}) %}
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
