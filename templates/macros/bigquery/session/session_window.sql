{#- BigQuery runs several statements as one script, and the script as one transaction. -#}
{% macro bigquery__get_incremental_session_window_sql(arg_dict) %}
  {{ return(
    'begin transaction;\n\n' ~ default__get_incremental_session_window_sql(arg_dict) ~ ';\n\ncommit transaction'
  ) }}
{% endmacro %}
