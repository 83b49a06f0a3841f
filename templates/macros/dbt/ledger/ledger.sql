{#- The ledger: one row for each window of a model that was built. Times are what clocks in UTC show. -#}

{% macro quern_create_ledger(relation) %}
  {{ return(adapter.dispatch('quern_create_ledger', 'dbt')(relation)) }}
{% endmacro %}

{% macro default__quern_create_ledger(relation) %}
  {%- do quern_lock(relation.identifier) -%}
  {%- do create_schema(relation) -%}
  {%- call statement('quern_create_ledger') -%}
    create table if not exists {{ relation }} (
      model {{ type_string() }},
      relation {{ type_string() }},
      window_start {{ type_timestamp() }},
      window_end {{ type_timestamp() }},
      session_time {{ type_timestamp() }},
      code {{ type_string() }},
      row_count {{ type_bigint() }},
      invocation_id {{ type_string() }},
      finished_at {{ type_timestamp() }}
    )
  {%- endcall -%}
  {%- do adapter.cache_added(relation.incorporate(type='table')) -%}
{% endmacro %}


{#- The names of the ledger's columns in lower case; none where there is no ledger. -#}
{% macro quern_ledger_columns(relation) %}
  {%- set existing = adapter.get_relation(
    database=relation.database, schema=relation.schema, identifier=relation.identifier
  ) -%}
  {%- if existing is none -%}
    {{ return(none) }}
  {%- endif -%}
  {{ return(adapter.get_columns_in_relation(existing) | map(attribute='name') | map('lower') | list) }}
{% endmacro %}


{#- All rows. Times are texts: each warehouse has its own types for them. -#}
{% macro quern_read_ledger(relation) %}
  {%- set text = type_string() -%}
  {{ return(run_query(
    'select model, relation, cast(window_start as ' ~ text ~ ') as window_start, cast(window_end as ' ~ text
    ~ ') as window_end, cast(session_time as ' ~ text ~ ') as session_time, code, row_count, invocation_id, '
    ~ 'cast(finished_at as ' ~ text ~ ') as finished_at from ' ~ relation
  )) }}
{% endmacro %}


{#- Keeps others from doing the same until the transaction ends, where the warehouse has a way to. -#}
{% macro quern_lock(name) %}
  {{ return(adapter.dispatch('quern_lock', 'dbt')(name)) }}
{% endmacro %}

{% macro default__quern_lock(name) %}
{% endmacro %}


{#- Lets other runs that write to the table wait until the transaction ends; who reads it is not kept waiting. -#}
{% macro lock_for_session(relation) %}
  {{ return(adapter.dispatch('lock_for_session', 'dbt')(relation)) }}
{% endmacro %}

{% macro default__lock_for_session(relation) %}
{% endmacro %}


{#- What clocks in UTC show when the statement runs. -#}
{% macro quern_utc_now() %}
  {{ return(adapter.dispatch('quern_utc_now', 'dbt')()) }}
{% endmacro %}

{% macro default__quern_utc_now() %}
  {{ return("cast(current_timestamp at time zone 'UTC' as " ~ type_timestamp() ~ ")") }}
{% endmacro %}
