{#- Notes a session that went through without an error; a retry writes the same row again. -#}
{% macro record_session(results) -%}
    {%- set session_time = var('session_time', none) -%}
    {%- set failed = results | selectattr('status', 'in', ['error', 'fail']) | list -%}
    {%- if execute and session_time is not none and failed | length == 0 -%}
        insert into audit.sessions (session_time, session_day, target_name)
        values ({{ session_timestamp() }}, {{ session_day() }}, '{{ target.name }}')
        on conflict (session_time) do update set session_day = excluded.session_day, target_name = excluded.target_name
    {%- endif -%}
{%- endmacro %}
