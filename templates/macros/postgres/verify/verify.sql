{% macro postgres__quern_use_threads(count) %}
  {%- call statement('quern_use_threads', auto_begin=false) -%}
    {% if count %}set max_parallel_workers_per_gather to {{ count - 1 }}{% else %}reset max_parallel_workers_per_gather{% endif %}
  {%- endcall -%}
{% endmacro %}

{% macro postgres__quern_rows_checksum(columns) %}
  {{ return("coalesce(sum(hashtextextended(cast(row(" ~ columns | join(', ') ~ ") as text), 0)::numeric), 0)::text") }}
{% endmacro %}
