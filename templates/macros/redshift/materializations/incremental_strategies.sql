{#- Clusters of older versions have no `merge`, so it is used only where a model asks for it. -#}
{% macro redshift__get_incremental_default_sql(arg_dict) %}
  {% if arg_dict['unique_key'] %}
    {{ return(get_incremental_delete_insert_sql(arg_dict)) }}
  {% endif %}
  {{ return(get_incremental_append_sql(arg_dict)) }}
{% endmacro %}

{#- Redshift's `merge` has both branches or none, and its target has no other name. -#}
{% macro redshift__get_merge_sql(target, source, unique_key, dest_columns, incremental_predicates) -%}
  {%- if not unique_key -%}
    {{ return(get_incremental_append_sql({
      'target_relation': target, 'temp_relation': source, 'dest_columns': dest_columns
    })) }}
  {%- endif -%}
  {%- set keys = [unique_key] if unique_key is string else unique_key -%}
  {%- set names = get_quoted_csv(dest_columns | map(attribute='name')) -%}
  {%- set update_columns = get_merge_update_columns(
    config.get('merge_update_columns'), config.get('merge_exclude_columns'), dest_columns
  ) -%}
  {%- set conditions = [] -%}
  {%- for key in keys -%}
    {%- do conditions.append(target ~ '.' ~ key ~ ' = DBT_INTERNAL_SOURCE.' ~ key) -%}
  {%- endfor -%}
  {%- for predicate in incremental_predicates or [] -%}
    {%- do conditions.append(predicate | replace('DBT_INTERNAL_DEST', target | string)) -%}
  {%- endfor -%}

  merge into {{ target }}
  using {{ source }} as DBT_INTERNAL_SOURCE
  on {{ conditions | join(' and ') }}
  when matched then update set
    {% for name in update_columns -%}
      {{ name }} = DBT_INTERNAL_SOURCE.{{ name }}{{ ', ' if not loop.last }}
    {%- endfor %}
  when not matched then insert ({{ names }})
  values (
    {% for column in dest_columns -%}
      DBT_INTERNAL_SOURCE.{{ adapter.quote(column.name) }}{{ ', ' if not loop.last }}
    {%- endfor %}
  )
{%- endmacro %}
