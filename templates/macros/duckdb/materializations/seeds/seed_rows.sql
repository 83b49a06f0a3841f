{% macro duckdb__get_binding_char() %}
  {{ return('?') }}
{% endmacro %}

{% macro duckdb__get_batch_size() %}
  {{ return(10000) }}
{% endmacro %}

{#- DuckDB reads the file of the seed by itself, which is the fast way. `fast: false` inserts the rows as
    bound values instead. -#}
{% macro duckdb__load_csv_rows(model, agate_table) %}
  {% if not model['root_path'] or not config.get('fast', true) %}
    {{ return(default__load_csv_rows(model, agate_table)) }}
  {% endif %}
  {% set file = (model['root_path'] ~ '/' ~ model['original_file_path']) | replace("'", "''") %}
  {% set sql %}
    copy {{ this.render() }} from '{{ file }}'
    (format csv, header true, delimiter '{{ config.get('delimiter', ',') | replace("'", "''") }}')
  {% endset %}
  {% do adapter.add_query(sql, abridge_sql_log=True) %}
  {{ return(sql) }}
{% endmacro %}
