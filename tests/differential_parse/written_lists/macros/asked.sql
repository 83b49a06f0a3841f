{% macro asked() %}
select '{{ run_query("select 1") }}', '{{ run_query("select 1") | upper }}', {{ run_query("select 1") is none }}, {{ run_query("select 1") is defined }}
{% endmacro %}
