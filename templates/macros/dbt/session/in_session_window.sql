{#- The rows of the session's window: from its first moment on, up to the first moment after it, left out.
    The column stands alone on its side, so that the warehouse can use an index, partitions or statistics.

    What the column holds (`type`) is, in this order: the argument; the config `time_column_type`, for the model's
    own time column; the `data_type` of the column in the model's properties; else what the adapter can tell from
    the column itself. A clock without a zone is taken to be one of the session's zone, or of `timezone`. -#}
{% macro in_session_window(column, type=none, format=none, timezone=none) %}
  {{ return(in_time_window(column, session.window.start, session.window.end, type, format, timezone)) }}
{% endmacro %}


{#- The same for any two moments. -#}
{% macro in_time_window(column, window_start, window_end, type=none, format=none, timezone=none) %}
  {%- if not execute -%}
    {{ return('true') }}
  {%- endif -%}
  {%- set own = is_time_column(column) -%}
  {%- set kind = type or time_kind_of_column(column) -%}
  {%- set timezone = timezone or (config.get('time_column_timezone') if own) -%}
  {%- set format = format or (config.get('time_column_format') if own) -%}
  {%- set window_start = in_clock_zone(window_start, timezone) -%}
  {%- set window_end = in_clock_zone(window_end, timezone) -%}
  {%- do check_window_of_kind(column, window_start, window_end, kind, format) -%}
  {%- if kind -%}
    {{ return(adapter.dispatch('time_window_predicate', 'dbt')(column, window_start, window_end, kind, format)) }}
  {%- endif -%}
  {{ return(adapter.dispatch('untyped_time_window_predicate', 'dbt')(column, window_start, window_end)) }}
{% endmacro %}

{% macro default__time_window_predicate(column, window_start, window_end, kind, format=none) %}
  {{ return(
    '(' ~ column ~ ' >= ' ~ time_literal(window_start, kind, format)
    ~ ' and ' ~ column ~ ' < ' ~ time_literal(window_end, kind, format) ~ ')'
  ) }}
{% endmacro %}

{#- For a column of which nothing is known. -#}
{% macro default__untyped_time_window_predicate(column, window_start, window_end) %}
  {{ return(adapter.dispatch('time_window_predicate', 'dbt')(column, window_start, window_end, 'timestamp')) }}
{% endmacro %}


{#- The name of a column without what stands before it and around it: `e."Event_At"` is `event_at`. -#}
{% macro plain_column_name(column) %}
  {{ return((column ~ '').split('.')[-1].strip('"`[] ') | lower) }}
{% endmacro %}

{#- Whether a column is the one that the model's config `time_column` names. -#}
{% macro is_time_column(column) %}
  {%- set own = config.get('time_column') -%}
  {{ return(own is string and plain_column_name(own) == plain_column_name(column)) }}
{% endmacro %}

{#- What the project says of the kind of a column; none where it says nothing. -#}
{% macro time_kind_of_column(column) %}
  {%- if is_time_column(column) and config.get('time_column_type') -%}
    {{ return(config.get('time_column_type')) }}
  {%- endif -%}
  {%- set name = plain_column_name(column) -%}
  {%- for known, properties in (model.get('columns') or {}).items() if known | lower == name and properties.get('data_type') -%}
    {{ return(time_kind_of_type(properties['data_type'])) }}
  {%- endfor -%}
  {{ return(none) }}
{% endmacro %}


{#- The kind of time that a column of a type of the warehouse holds; none for types that hold no time. -#}
{% macro time_kind_of_type(data_type) %}
  {{ return(adapter.dispatch('time_kind_of_type', 'dbt')(data_type)) }}
{% endmacro %}

{% macro default__time_kind_of_type(data_type) %}
  {%- set name = data_type | lower -%}
  {%- if name == 'date' -%}
    {{ return('date') }}
  {%- elif name.startswith('timestamp') or name.startswith('datetime') -%}
    {{ return('timestamptz' if 'with time zone' in name or 'tz' in name else 'timestamp') }}
  {%- elif 'char' in name or name.startswith('text') or name.startswith('string') -%}
    {{ return('text') }}
  {%- endif -%}
  {{ return(none) }}
{% endmacro %}


{#- A moment as the clocks of another zone show it; the zone is a name, or an offset such as `+09:00`. -#}
{% macro in_clock_zone(moment, timezone=none) %}
  {%- if not timezone -%}
    {{ return(moment) }}
  {%- elif timezone[0] in ['+', '-'] -%}
    {%- set digits = timezone[1:] | replace(':', '') -%}
    {%- set minutes = (digits[:2] | int) * 60 + (digits[2:] | int) -%}
    {{ return(moment.astimezone(modules.pytz.FixedOffset(-minutes if timezone[0] == '-' else minutes))) }}
  {%- endif -%}
  {{ return(moment.astimezone(modules.pytz.timezone(timezone))) }}
{% endmacro %}

{#- Dates cannot tell where a window ends that ends within a day. -#}
{% macro check_window_of_kind(column, window_start, window_end, kind, format=none) %}
  {%- set by_day = kind == 'date' or (kind == 'text' and '%H' not in (format or '') and '%s' not in (format or '')) -%}
  {%- for moment in [window_start, window_end] if by_day and moment.strftime('%H:%M:%S') != '00:00:00' -%}
    {%- do exceptions.raise_window_invalid(
      'the window from ' ~ window_start.isoformat() ~ ' to ' ~ window_end.isoformat() ~ ' begins or ends within a day, '
      ~ 'and `' ~ column ~ '` holds whole days; give the model a grain of days, or for texts a `time_column_format` with %H'
    ) -%}
  {%- endfor -%}
{% endmacro %}
