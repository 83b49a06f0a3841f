{#- The rows of the session's window: from its first moment on, up to the first moment after it, left out.
    The column stands alone on its side, so that the warehouse can use an index, partitions or statistics.

    What the column holds (`type`) is, in this order: the argument; the config `time_column_type`, for the model's
    own time column; the `data_type` of the column in the model's properties; else what the adapter can tell from
    the column itself. A clock without a zone is taken to be one of the session's zone, or of `timezone`. -#}
{% macro in_session_window(column, type=none, format=none, timezone=none) %}
  {%- if session is defined and session -%}
    {{ return(dbt.in_session_window(column, type, format, timezone)) }}
  {%- endif -%}
  {%- set window = quern.session_window() -%}
  {{ return(quern.in_time_window(column, window.start, window.end, type, format, timezone)) }}
{% endmacro %}


{#- The same for any two moments. -#}
{% macro in_time_window(column, window_start, window_end, type=none, format=none, timezone=none) %}
  {%- set own = quern.is_time_column(column) -%}
  {%- set kind = type or quern.time_kind_of_column(column) -%}
  {%- set timezone = timezone or (config.get('time_column_timezone') if own) -%}
  {%- set format = format or (config.get('time_column_format') if own) -%}
  {%- set window_start = quern.in_clock_zone(window_start, timezone) -%}
  {%- set window_end = quern.in_clock_zone(window_end, timezone) -%}
  {%- if kind -%}
    {{ return(quern.time_window_predicate(column, window_start, window_end, kind, format)) }}
  {%- endif -%}
  {{ return(adapter.dispatch('untyped_time_window_predicate', 'quern')(column, window_start, window_end)) }}
{% endmacro %}

{% macro time_window_predicate(column, window_start, window_end, kind, format=none) %}
  {%- set start_literal = quern.time_literal(window_start, kind, format) -%}
  {%- set end_literal = quern.time_literal(window_end, kind, format) -%}
  {{ return('(' ~ column ~ ' >= ' ~ start_literal ~ ' and ' ~ column ~ ' < ' ~ end_literal ~ ')') }}
{% endmacro %}

{#- For a column of which nothing is known. -#}
{% macro default__untyped_time_window_predicate(column, window_start, window_end) %}
  {{ return(quern.time_window_predicate(column, window_start, window_end, 'timestamp')) }}
{% endmacro %}

{#- DuckDB knows the type of a column when it reads the statement: the half that does not apply falls away. -#}
{% macro duckdb__untyped_time_window_predicate(column, window_start, window_end) %}
  {%- set is_moment = "typeof(" ~ column ~ ") = 'TIMESTAMP WITH TIME ZONE'" -%}
  {{ return(
    '(' ~ is_moment ~ ' and ' ~ quern.time_window_predicate(column, window_start, window_end, 'timestamptz')
    ~ ' or not ' ~ is_moment ~ ' and ' ~ quern.time_window_predicate(column, window_start, window_end, 'timestamp') ~ ')'
  ) }}
{% endmacro %}

{#- A literal without a type takes that of the column it is compared with. Texts would be compared as texts: of them
    no year can be told, which is an error before anything is read. -#}
{% macro postgres__untyped_time_window_predicate(column, window_start, window_end) %}
  {{ return(
    '(' ~ column ~ " >= '" ~ window_start.isoformat(' ') ~ "' and "
    ~ column ~ " < '" ~ window_end.isoformat(' ') ~ "'"
    ~ " and /* of texts: in_session_window(…, type='text') */ extract(year from " ~ column ~ ") is not null)"
  ) }}
{% endmacro %}

{#- Most columns of time are moments; for others BigQuery refuses the comparison. -#}
{% macro bigquery__untyped_time_window_predicate(column, window_start, window_end) %}
  {{ return(quern.time_window_predicate(column, window_start, window_end, 'timestamptz')) }}
{% endmacro %}


{#- The name of a column without what stands before it and around it: `e."Event_At"` is `event_at`. -#}
{% macro plain_column_name(column) %}
  {{ return((column ~ '').split('.')[-1].strip('"`[] ') | lower) }}
{% endmacro %}

{#- Whether a column is the one that the model's config `time_column` names. -#}
{% macro is_time_column(column) %}
  {%- set own = config.get('time_column') -%}
  {{ return(own is string and quern.plain_column_name(own) == quern.plain_column_name(column)) }}
{% endmacro %}

{#- What the project says of the kind of a column; none where it says nothing. -#}
{% macro time_kind_of_column(column) %}
  {%- if quern.is_time_column(column) and config.get('time_column_type') -%}
    {{ return(config.get('time_column_type')) }}
  {%- endif -%}
  {%- set name = quern.plain_column_name(column) -%}
  {%- for known, properties in (model.get('columns') or {}).items() if known | lower == name and properties.get('data_type') -%}
    {{ return(quern.time_kind_of_type(properties['data_type'])) }}
  {%- endfor -%}
  {{ return(none) }}
{% endmacro %}

{#- The kind of time that a column of a type of the warehouse holds; none for types that hold no time. -#}
{% macro time_kind_of_type(data_type) %}
  {%- set name = data_type | lower -%}
  {%- if name == 'date' -%}
    {{ return('date') }}
  {%- elif name == 'timestamp' and adapter.type() == 'bigquery' -%}
    {{ return('timestamptz') }}
  {%- elif name.startswith('timestamp') or name.startswith('datetime') -%}
    {{ return('timestamptz' if 'with time zone' in name or name.startswith('timestamptz') else 'timestamp') }}
  {%- elif 'char' in name or name.startswith('text') or name.startswith('string') -%}
    {{ return('text') }}
  {%- endif -%}
  {{ return(none) }}
{% endmacro %}

{#- A moment as the clocks of another zone show it. -#}
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
