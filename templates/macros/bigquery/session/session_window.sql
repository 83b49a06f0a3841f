{#- Where the table is partitioned by the model's own column of time, one `merge` replaces the window: it reads no
    other partitions, and a partition that goes as a whole costs nothing. Elsewhere it is deleted and inserted, by a
    script that is one transaction. -#}
{% macro bigquery__get_incremental_session_window_sql(arg_dict) %}
  {%- set window = arg_dict['session_window'] -%}
  {%- set partition_config = adapter.parse_partition_by(config.get('partition_by', none)) -%}
  {%- if partition_config is not none and partition_config.field == window.name | lower -%}
    {%- set source_sql = '(select * from ' ~ arg_dict['temp_relation'] ~ ')' -%}
    {%- set own = [window.predicate | replace(window.column, 'DBT_INTERNAL_DEST.' ~ window.column)] -%}
    {%- set predicates = own + session_window_predicates(arg_dict['incremental_predicates']) -%}
    {{ return(get_insert_overwrite_merge_sql(
      arg_dict['target_relation'], source_sql, arg_dict['dest_columns'], predicates
    )) }}
  {%- endif -%}
  {{ return(
    'begin transaction;\n\n' ~ default__get_incremental_session_window_sql(arg_dict) ~ ';\n\ncommit transaction'
  ) }}
{% endmacro %}
