{% macro stamp() %}localtimestamp{% endmacro %}

{% macro year() -%}
  {{ modules.datetime.datetime.now().year }}
{%- endmacro %}
