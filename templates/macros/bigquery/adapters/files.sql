{#- Loads a file of this machine into a table, for `run-operation`. -#}
{% macro bigquery__upload_file(local_file_path, database, table_schema, table_name) %}
  {% do adapter.upload_file(local_file_path, database, table_schema, table_name, kwargs=kwargs) %}
{% endmacro %}

{% macro upload_file(local_file_path, database, table_schema, table_name) %}
  {% do adapter.upload_file(local_file_path, database, table_schema, table_name, kwargs=kwargs) %}
{% endmacro %}
