{#- Held until the transaction ends; others wait. -#}
{% macro postgres__quern_lock(name) %}
  {%- call statement('quern_lock') -%}
    select pg_advisory_xact_lock(hashtextextended({{ string_literal('quern ' ~ escape_single_quotes(name)) }}, 0))
  {%- endcall -%}
{% endmacro %}

{% macro postgres__lock_for_session(relation) %}
  {%- call statement('lock_for_session') -%}
    lock table {{ relation }} in share row exclusive mode
  {%- endcall -%}
{% endmacro %}

{#- Not when the transaction began: those that wait for each other are to stand in their order. -#}
{% macro postgres__quern_utc_now() %}
  {{ return("cast(clock_timestamp() at time zone 'UTC' as timestamp)") }}
{% endmacro %}
