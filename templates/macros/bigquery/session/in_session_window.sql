{#- BigQuery's TIMESTAMP is a moment, its DATETIME what a clock shows. -#}
{% macro bigquery__time_literal(moment, kind, format=none) %}
  {%- if kind == 'timestamptz' -%}
    {{ return("timestamp '" ~ moment.isoformat(' ') ~ "'") }}
  {%- elif kind == 'timestamp' -%}
    {{ return("datetime '" ~ clock_text(moment) ~ "'") }}
  {%- endif -%}
  {{ return(default__time_literal(moment, kind, format)) }}
{% endmacro %}

{% macro bigquery__time_kind_of_type(data_type) %}
  {%- set name = data_type | lower -%}
  {{ return('timestamptz' if name == 'timestamp' else default__time_kind_of_type(data_type)) }}
{% endmacro %}

{#- Most columns of time are moments; for others BigQuery refuses the comparison. -#}
{% macro bigquery__untyped_time_window_predicate(column, window_start, window_end) %}
  {%- set start_literal = bigquery__time_literal(window_start, 'timestamptz') -%}
  {%- set end_literal = bigquery__time_literal(window_end, 'timestamptz') -%}
  {{ return('(' ~ column ~ ' >= ' ~ start_literal ~ ' and ' ~ column ~ ' < ' ~ end_literal ~ ')') }}
{% endmacro %}
