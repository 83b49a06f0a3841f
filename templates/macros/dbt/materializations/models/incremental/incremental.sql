{#- A table that is added to. The first run creates it; a full refresh builds a new one beside it and
    swaps; every other run puts the query's rows into a temporary table, follows changes of the columns
    as `on_schema_change` says, and lets the strategy write the SQL that takes the rows over. -#}
{% materialization incremental, default %}

  {%- set existing_relation = load_cached_relation(this) -%}
  {%- set target_relation = this.incorporate(type='table') -%}
  {%- set temp_relation = make_temp_relation(target_relation) -%}
  {%- set intermediate_relation = make_intermediate_relation(target_relation) -%}
  {%- set backup_type = 'table' if existing_relation is none else existing_relation.type -%}
  {%- set backup_relation = make_backup_relation(target_relation, backup_type) -%}
  {%- set leftover_intermediate = load_cached_relation(intermediate_relation) -%}
  {%- set leftover_backup = load_cached_relation(backup_relation) -%}

  {%- set full_refresh_mode = should_full_refresh()
    or (existing_relation is not none and (existing_relation.is_view or existing_relation.is_materialized_view)) -%}
  {%- set on_schema_change = incremental_validate_on_schema_change(
    config.get('on_schema_change'), default='ignore'
  ) -%}
  {%- set grant_config = config.get('grants') -%}
  {%- set swap = existing_relation is not none and full_refresh_mode -%}

  {{ drop_relation_if_exists(leftover_intermediate) }}
  {{ drop_relation_if_exists(leftover_backup) }}
  {{ run_hooks(pre_hooks, inside_transaction=False) }}

  {#- the transaction begins with the first statement from here on -#}
  {{ run_hooks(pre_hooks, inside_transaction=True) }}

  {%- set session_window = session_window_model(sql, existing_relation, full_refresh_mode) -%}
  {%- set model_sql = session_window.sql if session_window else sql -%}

  {#- an unknown strategy is an error of the first run too -#}
  {% set strategy_macro = adapter.get_incremental_strategy_macro(
    context, config.get('incremental_strategy') or 'default'
  ) %}

  {% if existing_relation is none %}
    {% set relation_for_indexes = target_relation %}
    {% set build_sql = get_create_table_as_sql(False, target_relation, model_sql) %}
  {% elif swap %}
    {% set relation_for_indexes = intermediate_relation %}
    {% set build_sql = get_create_table_as_sql(False, intermediate_relation, model_sql) %}
  {% else %}
    {% set relation_for_indexes = temp_relation %}
    {% do run_query(get_create_table_as_sql(True, temp_relation, model_sql)) %}
    {% do check_session_window(session_window, temp_relation) %}

    {% set contract_config = config.get('contract') %}
    {% if not contract_config or not contract_config.enforced %}
      {% do adapter.expand_target_column_types(
        from_relation=temp_relation, to_relation=target_relation
      ) %}
    {% endif %}

    {% set dest_columns = process_schema_changes(on_schema_change, temp_relation, existing_relation) %}
    {% if not dest_columns %}
      {% set dest_columns = adapter.get_columns_in_relation(existing_relation) %}
    {% endif %}

    {% set build_sql = strategy_macro({
      'target_relation': target_relation,
      'temp_relation': temp_relation,
      'unique_key': config.get('unique_key'),
      'dest_columns': dest_columns,
      'session_window': session_window,
      'incremental_predicates': config.get('predicates', none) or config.get('incremental_predicates', none)
    }) %}
  {% endif %}

  {%- set adds_to_session = session and existing_relation is not none and not full_refresh_mode -%}
  {% if adds_to_session %}
    {#- of two runs of one window the second has to see what the first puts in -#}
    {% do lock_for_session(target_relation) %}
  {% endif %}

  {% call statement('main') %}
    {{ build_sql }}
  {% endcall %}

  {% if adds_to_session %}
    {#- the connection may build the next window, and would find the table of this one -#}
    {% do adapter.drop_relation(temp_relation) %}
  {% endif %}

  {% if existing_relation is none or full_refresh_mode %}
    {% do check_session_window(session_window, relation_for_indexes) %}
    {% do create_indexes(relation_for_indexes) %}
  {% endif %}

  {% if swap %}
    {% do adapter.rename_relation(target_relation, backup_relation) %}
    {% do adapter.rename_relation(intermediate_relation, target_relation) %}
  {% endif %}

  {% do apply_grants(
    target_relation, grant_config,
    should_revoke=should_revoke(existing_relation, full_refresh_mode)
  ) %}
  {% do persist_docs(target_relation, model) %}

  {% do write_ledger(target_relation, is_new=(existing_relation is none or full_refresh_mode), session_window=session_window) %}

  {{ run_hooks(post_hooks, inside_transaction=True) }}
  {% do adapter.commit() %}

  {% if swap %}
    {% do adapter.drop_relation(backup_relation) %}
  {% endif %}
  {{ run_hooks(post_hooks, inside_transaction=False) }}

  {{ return({'relations': [target_relation]}) }}

{% endmaterialization %}
