{%- macro current_timestamp() -%}
  {{ return(adapter.dispatch('current_timestamp', 'dbt')()) }}
{%- endmacro -%}

{% macro default__current_timestamp() -%}
  {%- do exceptions.raise_not_implemented(
    'current_timestamp macro not implemented for adapter ' ~ adapter.type()
  ) -%}
{%- endmacro %}


{#- The session time of a run that has one, else the warehouse's clock: what makes a run of tomorrow write what
    that of today wrote. -#}
{%- macro session_or_current_timestamp() -%}
  {{ session_time() if session else current_timestamp() }}
{%- endmacro -%}


{#- The time that a snapshot writes into its records. -#}
{%- macro snapshot_get_time() -%}
  {{ return(adapter.dispatch('snapshot_get_time', 'dbt')()) }}
{%- endmacro -%}

{% macro default__snapshot_get_time() -%}
  {{ session_or_current_timestamp() }}
{%- endmacro %}

{% macro get_snapshot_get_time_data_type() %}
  {% set columns = get_column_schema_from_query('select ' ~ snapshot_get_time() ~ ' as dbt_snapshot_time') %}
  {{ return(columns[0].dtype or none) }}
{% endmacro %}


{#- What dbt_utils.current_timestamp() and its UTC form meant. For packages that need just that. -#}
{% macro current_timestamp_backcompat() %}
  {{ return(adapter.dispatch('current_timestamp_backcompat', 'dbt')()) }}
{% endmacro %}

{% macro default__current_timestamp_backcompat() -%}
  current_timestamp::timestamp
{%- endmacro %}

{% macro current_timestamp_in_utc_backcompat() %}
  {{ return(adapter.dispatch('current_timestamp_in_utc_backcompat', 'dbt')()) }}
{% endmacro %}

{% macro default__current_timestamp_in_utc_backcompat() %}
  {{ return(adapter.dispatch('current_timestamp_backcompat', 'dbt')()) }}
{% endmacro %}
