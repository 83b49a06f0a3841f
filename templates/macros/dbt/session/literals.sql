{#- The time that the run is for, as a value of the warehouse: a moment with a zone. -#}
{% macro session_time() %}
  {{ return(adapter.dispatch('session_time', 'dbt')()) }}
{% endmacro %}

{% macro default__session_time() %}
  {{ return(time_literal(session.time, 'timestamptz')) }}
{% endmacro %}


{#- A datetime as a literal for a column of a kind: `timestamptz`, a moment; `timestamp`, what a clock shows
    without saying where; `date`; `text`, in a format whose texts sort as the times do; `epoch` and `epoch_ms`,
    seconds and milliseconds since 1970. -#}
{% macro time_literal(moment, kind, format=none) %}
  {{ return(adapter.dispatch('time_literal', 'dbt')(moment, kind, format)) }}
{% endmacro %}

{% macro default__time_literal(moment, kind, format=none) %}
  {%- if kind == 'timestamptz' -%}
    {{ return("cast('" ~ moment.isoformat(' ') ~ "' as timestamp with time zone)") }}
  {%- elif kind == 'timestamp' -%}
    {{ return("timestamp '" ~ clock_text(moment) ~ "'") }}
  {%- elif kind == 'date' -%}
    {{ return("date '" ~ moment.strftime('%Y-%m-%d') ~ "'") }}
  {%- elif kind == 'text' -%}
    {{ return("'" ~ moment.strftime(format or '%Y-%m-%d') ~ "'") }}
  {%- elif kind == 'epoch' -%}
    {{ return((moment.timestamp() | int) ~ '') }}
  {%- elif kind == 'epoch_ms' -%}
    {{ return(((moment.timestamp() * 1000) | int) ~ '') }}
  {%- endif -%}
  {%- do exceptions.raise_window_invalid(
    "'" ~ kind ~ "' is no kind of time column; write one of timestamp, timestamptz, date, text, epoch, epoch_ms"
  ) -%}
{% endmacro %}


{#- What the clock shows at a moment, without its zone. -#}
{% macro clock_text(moment) %}
  {{ return(moment.replace(tzinfo=none).isoformat(' ')) }}
{% endmacro %}
