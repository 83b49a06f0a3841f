{#- A timestamp of BigQuery is a moment. -#}
{% macro bigquery__quern_utc_now() %}
  {{ return('current_timestamp()') }}
{% endmacro %}

{#- Few statements that delete may wait for each other. -#}
{% macro bigquery__quern_write_ledger(target_relation, entry, is_new, session_window) %}
  {%- do quern_add_to_ledger(target_relation, entry, session_window) -%}
{% endmacro %}
