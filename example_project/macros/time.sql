{#- The session time as a timestamp with time zone. -#}
{% macro session_timestamp() -%}
    cast('{{ var("session_time") }}' as timestamptz)
{%- endmacro %}

{#- The day a session is to build: the day before the one on which the session falls, in the shop's zone. -#}
{% macro session_day() -%}
    (cast({{ session_timestamp() }} at time zone '{{ var("shop_time_zone") }}' as date) - 1)
{%- endmacro %}

{#- The day in the shop's zone on which an instant falls. -#}
{% macro local_date(instant) -%}
    cast({{ instant }} at time zone '{{ var("shop_time_zone") }}' as date)
{%- endmacro %}

{#- An instant as a plain timestamp in UTC, which reads the same on every machine. -#}
{% macro utc_time(instant) -%}
    {{ instant }} at time zone 'UTC'
{%- endmacro %}

{#- The name of a day's weekday, in English. -#}
{% macro weekday_name(day) -%}
    {{ adapter.dispatch('weekday_name')(day) }}
{%- endmacro %}

{% macro default__weekday_name(day) -%}
    dayname({{ day }})
{%- endmacro %}

{% macro postgres__weekday_name(day) -%}
    to_char({{ day }}, 'FMDay')
{%- endmacro %}
