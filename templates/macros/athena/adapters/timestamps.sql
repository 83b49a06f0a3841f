{% macro athena__current_timestamp() -%}
  {{ cast_timestamp('now()') }}
{%- endmacro %}

{#- Tables of Iceberg keep microseconds, all else milliseconds. -#}
{% macro cast_timestamp(timestamp_col) -%}
  {%- set node_config = model.get('config', {}) -%}
  {%- set keeps_microseconds = (node_config.get('table_type') or 'hive') | lower == 'iceberg'
    and node_config.get('materialized') not in ['view', 'ephemeral'] -%}
  cast({{ timestamp_col }} as timestamp{{ '(6)' if keeps_microseconds }})
{%- endmacro %}
