{#- As the built-in incremental materialization, with what DuckDB needs: indexes and foreign keys out of
    the way of a swap (see table.sql), and a place for the new rows that MotherDuck has too. -#}
{% materialization incremental, adapter="duckdb", supported_languages=['sql', 'python'] %}

  {%- set existing_relation = load_cached_relation(this) -%}
  {%- set target_relation = this.incorporate(type='table') -%}
  {%- set intermediate_relation = make_intermediate_relation(target_relation) -%}
  {%- set backup_type = 'table' if existing_relation is none else existing_relation.type -%}
  {%- set backup_relation = make_backup_relation(target_relation, backup_type) -%}
  {%- set leftover_intermediate = load_cached_relation(intermediate_relation) -%}
  {%- set leftover_backup = load_cached_relation(backup_relation) -%}

  {%- set full_refresh_mode = should_full_refresh()
    or (existing_relation is not none and existing_relation.is_view) -%}
  {%- set replace = existing_relation is not none and full_refresh_mode -%}
  {%- set key_types = enforced_constraint_types() + existing_constraint_types(existing_relation) if replace else [] -%}
  {%- set build_in_place = 'foreign_key' in key_types -%}
  {%- set may_be_referenced = 'primary_key' in key_types or 'unique' in key_types -%}
  {%- set swap = replace and not build_in_place -%}
  {%- set adds_rows = existing_relation is not none and not full_refresh_mode -%}
  {%- set built_relation = intermediate_relation if swap else target_relation -%}

  {%- set on_schema_change = incremental_validate_on_schema_change(
    config.get('on_schema_change'), default='ignore'
  ) -%}
  {%- set partitioned_by = none if adds_rows else duckdb__get_partitioned_by(target_relation, false) -%}
  {%- set sorted_by = none if adds_rows else duckdb__get_sorted_by(target_relation, false) -%}
  {%- set dropped_dependents = [] -%}
  {%- set to_drop = [] -%}
  {%- set grant_config = config.get('grants') -%}

  {{ drop_relation_if_exists(leftover_intermediate) }}
  {{ drop_relation_if_exists(leftover_backup) }}
  {% if adds_rows %}
    {%- set new_rows = duckdb__dispatch_temporary_relation(
      target_relation, model.batch.id if model.batch else ''
    ) -%}
    {#- a temporary table would stay in memory until its connection is closed -#}
    {% do to_drop.append(new_rows.relation) %}
  {% endif %}

  {{ run_hooks(pre_hooks, inside_transaction=False) }}

  {#- the transaction begins with the first statement from here on -#}
  {{ run_hooks(pre_hooks, inside_transaction=True) }}

  {%- set session_window = session_window_model(compiled_code, existing_relation, full_refresh_mode) -%}
  {%- set model_sql = session_window.sql if session_window else compiled_code -%}

  {% if adds_rows %}
    {% call statement('pre', language=model.language) %}
      {{ create_table_as(new_rows.temporary, new_rows.relation, model_sql, model.language) }}
    {% endcall %}
    {% do check_session_window(session_window, new_rows.relation) %}
    {% do adapter.expand_target_column_types(
      from_relation=new_rows.relation, to_relation=target_relation
    ) %}

    {% set dest_columns = process_schema_changes(on_schema_change, new_rows.relation, existing_relation) %}
    {% if not dest_columns %}
      {% set dest_columns = adapter.get_columns_in_relation(existing_relation) %}
    {% endif %}

    {% set strategy_macro = adapter.get_incremental_strategy_macro(
      context, config.get('incremental_strategy') or 'default'
    ) %}
    {% set build_sql = strategy_macro({
      'target_relation': target_relation,
      'temp_relation': new_rows.relation,
      'unique_key': config.get('unique_key'),
      'dest_columns': dest_columns,
      'session_window': session_window,
      'incremental_predicates': config.get('predicates', none) or config.get('incremental_predicates', none)
    }) %}
  {% else %}
    {% if build_in_place %}
      {% set dropped_dependents = drop_relation_for_rebuild(existing_relation) %}
    {% endif %}
    {% set build_sql = create_table_as(
      False, built_relation, model_sql, model.language, partitioned_by=partitioned_by, sorted_by=sorted_by
    ) %}
  {% endif %}

  {#- DuckLake does not change the layout of a table within the transaction that creates it -#}
  {% call statement(
    'main', auto_begin=not (partitioned_by or sorted_by), language='sql' if adds_rows else model.language
  ) %}
    {{ build_sql }}
  {% endcall %}
  {% if not adds_rows %}
    {% do check_session_window(session_window, built_relation) %}
  {% endif %}

  {% if swap %}
    {% do drop_indexes_on_relation(existing_relation) %}
    {% if existing_relation.is_table and may_be_referenced %}
      {% set dropped_dependents = drop_foreign_key_dependents(existing_relation) %}
    {% endif %}
    {% do adapter.rename_relation(existing_relation, backup_relation) %}
    {% do adapter.rename_relation(intermediate_relation, target_relation) %}
    {% do to_drop.append(backup_relation) %}
  {% endif %}
  {% do restore_foreign_key_dependents(dropped_dependents) %}

  {% do apply_grants(
    target_relation, grant_config,
    should_revoke=should_revoke(existing_relation, full_refresh_mode)
  ) %}
  {% if not adds_rows %}
    {% do create_indexes(target_relation) %}
  {% endif %}
  {% do persist_docs(target_relation, model) %}

  {% do write_ledger(target_relation, is_new=(not adds_rows), session_window=session_window) %}

  {{ run_hooks(post_hooks, inside_transaction=True) }}
  {% do adapter.commit() %}

  {% for relation in to_drop %}
    {% do adapter.drop_relation(relation) %}
  {% endfor %}
  {{ run_hooks(post_hooks, inside_transaction=False) }}

  {{ return({'relations': [target_relation]}) }}

{% endmaterialization %}
