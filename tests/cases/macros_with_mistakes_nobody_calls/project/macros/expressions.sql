{% macro unfinished(a) %}
  {{ 1 + }}
{% endmacro %}

{% macro whole() %}1{% endmacro %}
