{% macro duckdb__current_timestamp() -%}
  now()
{%- endmacro %}

{#- Snapshots keep times without a zone, as the clock of the session's time zone shows them. -#}
{% macro duckdb__snapshot_get_time() -%}
  {{ session_or_current_timestamp() }}::timestamp
{%- endmacro %}

{% macro duckdb__snapshot_string_as_time(timestamp) -%}
  {{ return("'" ~ timestamp ~ "'::timestamp") }}
{%- endmacro %}
