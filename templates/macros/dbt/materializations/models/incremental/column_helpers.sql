{#- Names, quoted, with commas between. -#}
{% macro get_quoted_csv(column_names) %}
  {% set quoted = [] %}
  {% for name in column_names %}
    {% do quoted.append(adapter.quote(name)) %}
  {% endfor %}
  {{ return(quoted | join(', ')) }}
{% endmacro %}


{#- The columns of the first list whose name the second does not have. Types are not compared. -#}
{% macro diff_columns(source_columns, target_columns) %}
  {% set known_names = target_columns | map(attribute='column') | list %}
  {% set new_columns = [] %}
  {% for column in source_columns if column.name not in known_names %}
    {% do new_columns.append(column) %}
  {% endfor %}
  {{ return(new_columns) }}
{% endmacro %}


{#- The columns of both lists whose type differs and which cannot simply be widened. -#}
{% macro diff_column_data_types(source_columns, target_columns) %}
  {{ return(adapter.dispatch('diff_column_data_types', 'dbt')(source_columns, target_columns)) }}
{% endmacro %}

{% macro default__diff_column_data_types(source_columns, target_columns) %}
  {% set changes = [] %}
  {% for source_column in source_columns %}
    {% for target_column in target_columns if target_column.name == source_column.name %}
      {% if source_column.expanded_data_type != target_column.expanded_data_type
        and not source_column.can_expand_to(other_column=target_column) %}
        {% do changes.append({
          'column_name': target_column.name, 'new_type': source_column.expanded_data_type
        }) %}
      {% endif %}
    {% endfor %}
  {% endfor %}
  {{ return(changes) }}
{% endmacro %}


{#- The columns a merge updates: those listed, or all but those excluded, or all. -#}
{% macro get_merge_update_columns(merge_update_columns, merge_exclude_columns, dest_columns) %}
  {{ return(adapter.dispatch('get_merge_update_columns', 'dbt')(
    merge_update_columns, merge_exclude_columns, dest_columns
  )) }}
{% endmacro %}

{% macro default__get_merge_update_columns(merge_update_columns, merge_exclude_columns, dest_columns) %}
  {%- if merge_update_columns and merge_exclude_columns -%}
    {%- do exceptions.raise_compiler_error(
      'Model cannot specify merge_update_columns and merge_exclude_columns. Please update model to use only one config'
    ) -%}
  {%- endif -%}
  {%- if merge_update_columns -%}
    {{ return(merge_update_columns) }}
  {%- endif -%}

  {%- set excluded = (merge_exclude_columns or []) | map('lower') | list -%}
  {%- set update_columns = [] -%}
  {%- for column in dest_columns if column.column | lower not in excluded -%}
    {%- do update_columns.append(column.quoted) -%}
  {%- endfor -%}
  {{ return(update_columns) }}
{% endmacro %}
