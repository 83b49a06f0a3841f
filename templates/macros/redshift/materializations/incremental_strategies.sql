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

{#- A batch replaces the rows of its time span; the bounds are in UTC. -#}
{% macro redshift__get_incremental_microbatch_sql(arg_dict) %}
  {%- set batch = model.get('batch') or {} -%}
  {%- if not (config.get('event_time') and batch.event_time_start and batch.event_time_end) -%}
    {%- do exceptions.raise_compiler_error(
      "the strategy 'microbatch' needs an `event_time` and the bounds of a batch"
    ) -%}
  {%- endif -%}
  {%- set columns_csv = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) -%}
  {%- set predicates = session_window_predicates(arg_dict.get('incremental_predicates')) -%}
  {%- set sql %}
    delete from {{ arg_dict['target_relation'] }}
    where {{ config.get('event_time') }} >= '{{ batch.event_time_start }}'
    and {{ config.get('event_time') }} < '{{ batch.event_time_end }}'
    {%- for predicate in predicates %}
    and ({{ predicate }})
    {%- endfor %};

    insert into {{ arg_dict['target_relation'] }} ({{ columns_csv }})
    (
        select {{ columns_csv }}
        from {{ arg_dict['temp_relation'] }}
    )
  {%- endset -%}
  {{ return(sql) }}
{% endmacro %}

{#- As on PostgreSQL two sessions wait for each other, but Redshift's lock has one kind: who reads waits too. -#}
{% macro redshift__get_incremental_session_window_sql(arg_dict) %}
  {{ return(
    'lock ' ~ arg_dict['target_relation'] ~ ';\n\n' ~ default__get_incremental_session_window_sql(arg_dict)
  ) }}
{% endmacro %}
