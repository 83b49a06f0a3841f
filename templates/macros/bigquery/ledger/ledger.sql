{#- A timestamp of BigQuery is a moment. -#}
{% macro bigquery__quern_utc_now() %}
  {{ return('current_timestamp()') }}
{% endmacro %}
