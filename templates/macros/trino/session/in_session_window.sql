{#- Trino wants a blank before the offset. -#}
{% macro trino__time_literal(moment, kind, format=none) %}
  {%- if kind == 'timestamptz' -%}
    {{ return("timestamp '" ~ clock_text(moment) ~ ' ' ~ moment.isoformat()[-6:] ~ "'") }}
  {%- endif -%}
  {{ return(default__time_literal(moment, kind, format)) }}
{% endmacro %}
