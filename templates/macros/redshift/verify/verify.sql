{% macro redshift__quern_use_threads(count) %}
{% endmacro %}

{% macro redshift__quern_rows_checksum(columns) %}
  {{ return(default__quern_rows_checksum(columns)) }}
{% endmacro %}
