{#- The time that the run is for, as a value of the warehouse: a moment with a zone. -#}
{% macro session_time() %}
  {%- if session is defined and session -%}
    {#- quern runs this, and knows better. -#}
    {{ return(dbt.session_time()) }}
  {%- endif -%}
  {{ return(quern.time_literal(quern.session_moment(), 'timestamptz')) }}
{% endmacro %}


{#- The same as a Python datetime in the zone of the session. It comes from the variable that carries it, else from
    QUERN_SESSION_TIME; while a project is parsed it is always the same. -#}
{% macro session_moment() %}
  {%- if session is defined and session -%}
    {{ return(session.time) }}
  {%- endif -%}
  {%- set variable = var('quern_session_variable', 'session_time') -%}
  {%- set written = (var(variable, none) or env_var('QUERN_SESSION_TIME', '')) | string -%}
  {%- if not written and execute -%}
    {%- do exceptions.raise_compiler_error(
      "the run has no session time; pass --vars '{" ~ variable ~ ": \"2023-12-01T00:00:00+09:00\"}'"
    ) -%}
  {%- endif -%}
  {%- set written = written or '2000-01-01T00:00:00Z' -%}
  {%- set moment = modules.datetime.datetime.fromisoformat(written.replace('Z', '+00:00')) -%}
  {%- set zone = modules.pytz.timezone(var('quern_timezone', 'UTC')) -%}
  {{ return(zone.localize(moment) if moment.tzinfo is none else moment.astimezone(zone)) }}
{% endmacro %}


{#- A datetime as a literal for a column of a kind: `timestamptz`, a moment; `timestamp`, what a clock shows without
    saying where; `date`; `text`, in a format whose texts sort as the times do; `epoch` and `epoch_ms`. -#}
{% macro time_literal(moment, kind, format=none) %}
  {{ return(adapter.dispatch('time_literal', 'quern')(moment, kind, format)) }}
{% endmacro %}

{% macro default__time_literal(moment, kind, format=none) %}
  {%- if kind == 'timestamptz' -%}
    {{ return("cast('" ~ moment.isoformat(' ') ~ "' as timestamp with time zone)") }}
  {%- elif kind == 'timestamp' -%}
    {{ return("timestamp '" ~ quern.clock_text(moment) ~ "'") }}
  {%- elif kind == 'date' -%}
    {{ return("date '" ~ moment.strftime('%Y-%m-%d') ~ "'") }}
  {%- elif kind == 'text' -%}
    {{ return("'" ~ moment.strftime(format or '%Y-%m-%d') ~ "'") }}
  {%- elif kind == 'epoch' -%}
    {{ return((moment.timestamp() | int) ~ '') }}
  {%- elif kind == 'epoch_ms' -%}
    {{ return(((moment.timestamp() * 1000) | int) ~ '') }}
  {%- endif -%}
  {%- do exceptions.raise_compiler_error(
    "'" ~ kind ~ "' is no kind of time column; write one of timestamp, timestamptz, date, text, epoch, epoch_ms"
  ) -%}
{% endmacro %}

{#- BigQuery's TIMESTAMP is a moment, its DATETIME what a clock shows. -#}
{% macro bigquery__time_literal(moment, kind, format=none) %}
  {%- if kind == 'timestamptz' -%}
    {{ return("timestamp '" ~ moment.isoformat(' ') ~ "'") }}
  {%- elif kind == 'timestamp' -%}
    {{ return("datetime '" ~ quern.clock_text(moment) ~ "'") }}
  {%- endif -%}
  {{ return(quern.default__time_literal(moment, kind, format)) }}
{% endmacro %}

{#- Trino wants a blank before the offset. -#}
{% macro trino__time_literal(moment, kind, format=none) %}
  {%- if kind == 'timestamptz' -%}
    {{ return("timestamp '" ~ quern.clock_text(moment) ~ ' ' ~ moment.isoformat()[-6:] ~ "'") }}
  {%- endif -%}
  {{ return(quern.default__time_literal(moment, kind, format)) }}
{% endmacro %}


{#- What the clock shows at a moment, without its zone. -#}
{% macro clock_text(moment) %}
  {{ return(moment.replace(tzinfo=none).isoformat(' ')) }}
{% endmacro %}
