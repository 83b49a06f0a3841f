{#- Without a word from the model, rows with a known key are replaced; without a key, rows are added. -#}
{% macro duckdb__get_incremental_default_sql(arg_dict) %}
  {{ return(get_incremental_delete_insert_sql(arg_dict)) }}
{% endmacro %}
