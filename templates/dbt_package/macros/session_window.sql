{#- The first moment of the window that the model is to build, as a value of the warehouse. -#}
{% macro session_window_start(type='timestamptz', format=none) %}
  {{ return(quern.time_literal(quern.session_window().start, type, format)) }}
{% endmacro %}

{#- The first moment after the window. -#}
{% macro session_window_end(type='timestamptz', format=none) %}
  {{ return(quern.time_literal(quern.session_window().end, type, format)) }}
{% endmacro %}


{#- The window as Python datetimes in the zone of the session, `start` and `end`: the last complete grain before the
    session time, moved by the config `offset` and begun earlier by the config `lookback`, both in grains. -#}
{% macro session_window() %}
  {%- if session is defined and session -%}
    {{ return({'start': session.window.start, 'end': session.window.end}) }}
  {%- endif -%}
  {%- set written = model.get('unrendered_config') or {} -%}
  {%- set grain = config.get('grain') or var('quern_grain', 'day') -%}
  {#- dbt gives every model a `lookback` of 1, for microbatch; what counts here is what is written. -#}
  {%- set lookback = (written.get('lookback') or 0) | int -%}
  {%- set offset = (written.get('offset') or 0) | int -%}
  {%- set moment = quern.session_moment() -%}
  {{ return({
    'start': quern.grain_start(moment, grain, offset - 1 - lookback),
    'end': quern.grain_start(moment, grain, offset),
  }) }}
{% endmacro %}


{#- The first moment of the grain that a moment is in, moved by a number of grains on the calendar of its zone. -#}
{% macro grain_start(moment, grain, count=0) %}
  {%- set zone = modules.pytz.timezone(var('quern_timezone', 'UTC')) -%}
  {%- set hour = moment.replace(minute=0, second=0, microsecond=0) -%}
  {%- if grain == 'hour' -%}
    {{ return(zone.normalize(hour + modules.datetime.timedelta(hours=count))) }}
  {%- endif -%}
  {%- set day = hour.replace(hour=0, tzinfo=none) -%}
  {%- if grain == 'day' -%}
    {{ return(zone.localize(day + modules.datetime.timedelta(days=count))) }}
  {%- elif grain == 'week' -%}
    {{ return(zone.localize(day + modules.datetime.timedelta(days=7 * count - day.weekday()))) }}
  {%- endif -%}
  {%- set months = {'month': 1, 'quarter': 3, 'year': 12}.get(grain) -%}
  {%- if not months -%}
    {%- do exceptions.raise_compiler_error(
      "'" ~ grain ~ "' is no grain; write one of hour, day, week, month, quarter, year"
    ) -%}
  {%- endif -%}
  {%- set number = ((day.year * 12 + day.month - 1) // months + count) * months -%}
  {{ return(zone.localize(day.replace(year=number // 12, month=number % 12 + 1, day=1))) }}
{% endmacro %}
