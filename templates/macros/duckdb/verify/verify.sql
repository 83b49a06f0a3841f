{% macro duckdb__quern_use_threads(count) %}
  {%- call statement('quern_use_threads', auto_begin=false) -%}
    {% if count %}set threads to {{ count }}{% else %}reset threads{% endif %}
  {%- endcall -%}
{% endmacro %}

{% macro duckdb__quern_rows_checksum(columns) %}
  {{ return("coalesce(sum(hash(" ~ columns | join(', ') ~ ")), 0)::varchar") }}
{% endmacro %}
