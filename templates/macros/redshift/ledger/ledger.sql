{#- Redshift has no locks by name; what meets fails as a conflict of transactions, and is tried again. -#}
{% macro redshift__quern_lock(name) %}
{% endmacro %}

{% macro redshift__lock_for_session(relation) %}
  {%- call statement('lock_for_session') -%}
    lock table {{ relation }}
  {%- endcall -%}
{% endmacro %}

{% macro redshift__quern_utc_now() %}
  {{ return("cast(getdate() as timestamp)") }}
{% endmacro %}
