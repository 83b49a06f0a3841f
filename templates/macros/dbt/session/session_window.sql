{#- The first moment of the window that the model is to build, as a value of the warehouse. -#}
{% macro session_window_start(type='timestamptz', format=none) %}
  {{ return(time_literal(session.window.start, type, format)) }}
{% endmacro %}

{#- The first moment after the window. -#}
{% macro session_window_end(type='timestamptz', format=none) %}
  {{ return(time_literal(session.window.end, type, format)) }}
{% endmacro %}
