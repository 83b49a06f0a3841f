{#- Without the extension for time zones. -#}
{% macro duckdb__quern_utc_now() %}
  {{ return("make_timestamp(epoch_us(current_timestamp))") }}
{% endmacro %}
