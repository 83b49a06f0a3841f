{#- A table that is added to. New rows are first a view, or a table where more than one statement reads
    them; no connector undoes a statement because a later one failed. -#}
{% materialization incremental, adapter='trino', supported_languages=['sql'] %}

  {%- if config.get('sync_nested_columns') -%}
    {%- do exceptions.raise_compiler_error(
      "`sync_nested_columns` is not supported: change the fields of rows by hand, or with `--full-refresh`"
    ) -%}
  {%- endif -%}
  {%- set unique_key = config.get('unique_key') -%}
  {%- set full_refresh_mode = should_full_refresh() -%}
  {%- set on_schema_change = incremental_validate_on_schema_change(
    config.get('on_schema_change'), default='ignore'
  ) -%}
  {%- set on_table_exists = trino__on_table_exists(['rename', 'drop', 'replace']) -%}
  {%- set strategy = config.get('incremental_strategy') or 'default' -%}
  {#- an unknown strategy is an error of the first run too -#}
  {%- set strategy_macro = adapter.get_incremental_strategy_macro(context, strategy) -%}

  {%- set existing_relation = load_cached_relation(this) -%}
  {%- set target_relation = this.incorporate(type='table') -%}
  {%- set temp_type = get_incremental_tmp_relation_type(strategy, unique_key, 'sql') -%}
  {%- set temp_relation = make_temp_relation(this, trino__scratch_suffix('__dbt_tmp', strategy)).incorporate(type=temp_type) -%}
  {%- set intermediate_relation = make_intermediate_relation(target_relation) -%}
  {%- set backup_type = 'table' if existing_relation is none else existing_relation.type -%}
  {%- set backup_relation = make_backup_relation(target_relation, backup_type) -%}
  {%- set grant_config = config.get('grants') -%}

  {#- left behind by a run that was killed -#}
  {{ drop_relation_if_exists(load_cached_relation(temp_relation)) }}
  {{ drop_relation_if_exists(load_cached_relation(intermediate_relation)) }}
  {{ drop_relation_if_exists(load_cached_relation(backup_relation)) }}

  {{ run_hooks(pre_hooks) }}

  {%- set is_replaced = existing_relation is none or not existing_relation.is_table or full_refresh_mode -%}
  {%- set session_window = session_window_model(sql, existing_relation, is_replaced) -%}
  {%- set model_sql = session_window.sql if session_window else sql -%}
  {#- a table once made is not unmade: rows outside of the window are looked for in one beside it -#}
  {%- set is_checked_first = is_replaced and session_window is not none and not session_window.drops -%}
  {%- set checked_relation = make_temp_relation(
    this, trino__scratch_suffix('__dbt_window', strategy)
  ).incorporate(type='table') -%}
  {% if is_checked_first %}
    {% call statement('create_tmp_relation') -%}
      {{ create_table_as(True, checked_relation, model_sql) }}
    {%- endcall %}
    {% do check_scratch_of_session(session_window, checked_relation) %}
    {%- set model_sql = 'select * from ' ~ checked_relation -%}
  {% endif %}

  {%- set new_batch_columns = none if is_replaced or strategy != 'microbatch'
    else trino__new_batch_columns(existing_relation, on_schema_change) -%}

  {#- nothing undoes what follows: the ledger must not claim what is gone when the run is killed -#}
  {% if is_replaced %}
    {% do doubt_in_ledger(is_new=true) %}
  {% endif %}
  {% if existing_relation is none or not existing_relation.is_table %}
    {% if existing_relation is not none %}
      {% do log("Dropping relation " ~ target_relation ~ " because it is no table and this model is one.") %}
      {% do adapter.drop_relation(existing_relation) %}
    {% endif %}
    {% call statement('main') -%}
      {{ create_table_as(False, target_relation, model_sql) }}
    {%- endcall %}
  {% elif full_refresh_mode %}
    {% do on_table_exists_logic(
      on_table_exists, existing_relation, intermediate_relation, backup_relation, target_relation, model_sql
    ) %}
  {% elif new_batch_columns %}
    {#- one statement, which is kept whole or not at all; nothing has to be kept beside it -#}
    {% do doubt_in_ledger(is_new=false) %}
    {% call statement('main') -%}
      {{ trino__get_insert_sql(target_relation, new_batch_columns, model_sql) }}
    {%- endcall %}
  {% else %}
    {% do adapter.drop_after_failure(temp_relation) %}
    {% call statement('create_tmp_relation') -%}
      {{ create_view_as(temp_relation, model_sql) if temp_type == 'view'
        else create_table_as(True, temp_relation, model_sql) }}
    {%- endcall %}
    {% do check_scratch_of_session(session_window, temp_relation) %}
    {% do adapter.expand_target_column_types(from_relation=temp_relation, to_relation=target_relation) %}

    {% set dest_columns = process_schema_changes(on_schema_change, temp_relation, existing_relation) %}
    {% if not dest_columns %}
      {% set dest_columns = adapter.get_columns_in_relation(existing_relation) %}
    {% endif %}

    {% do doubt_in_ledger(is_new=false) %}
    {% call statement('main') -%}
      {{ strategy_macro({
        'target_relation': target_relation,
        'temp_relation': temp_relation,
        'unique_key': unique_key,
        'dest_columns': dest_columns,
        'session_window': session_window,
        'incremental_predicates': config.get('predicates', none) or config.get('incremental_predicates', none)
      }) }}
    {%- endcall %}
    {% do adapter.drop_relation(temp_relation) %}
  {% endif %}
  {% if is_checked_first %}
    {% do adapter.drop_relation(checked_relation) %}
  {% endif %}
  {% do write_ledger(target_relation, is_new=is_replaced, session_window=session_window) %}

  {{ run_hooks(post_hooks) }}

  {% do apply_grants(
    target_relation, grant_config,
    should_revoke=should_revoke(existing_relation, full_refresh_mode)
  ) %}
  {% do persist_docs(target_relation, model) %}

  {{ return({'relations': [target_relation]}) }}

{% endmaterialization %}


{#- A strategy of one statement reads the model's query once, through a view; one of several statements
    has to read the same rows each time, so they are kept in a table. `views_enabled: false` is for
    catalogs without views. -#}
{% macro get_incremental_tmp_relation_type(strategy, unique_key, language) %}
  {%- set is_read_once = strategy in ['default', 'append', 'merge'] or unique_key is none -%}
  {%- set is_read_once = is_read_once and strategy not in ['microbatch', 'session_window'] -%}
  {{ return('view' if config.get('views_enabled', true) and is_read_once and language == 'sql' else 'table') }}
{% endmacro %}


{#- The columns of a table that has no row of the batch's time span, so that its rows only have to be inserted; else
    nothing. Nothing too where columns may have to change first, which a relation beside the table tells. -#}
{% macro trino__new_batch_columns(relation, on_schema_change) %}
  {%- if on_schema_change != 'ignore' or config.get('contract').enforced or config.get('sql_header') -%}
    {{ return(none) }}
  {%- endif -%}
  {%- set columns = adapter.get_columns_in_relation(relation) -%}
  {%- if columns | selectattr('char_size', 'ne', none) | list -%}
    {{ return(none) }}
  {%- endif -%}
  {%- set predicates = trino__batch_predicates(
    config.get('predicates', none) or config.get('incremental_predicates', none)
  ) -%}
  {%- set found = run_query('select 1 from ' ~ relation ~ ' where ' ~ predicates ~ ' limit 1') -%}
  {{ return(columns if found | length == 0 else none) }}
{% endmacro %}

{% macro trino__get_insert_sql(target, columns, sql) -%}
  {%- set columns_csv = get_quoted_csv(columns | map(attribute='name')) %}
    insert into {{ target }} ({{ columns_csv }})
    (
        select {{ columns_csv }}
        from (
          {{ sql }}
        )
    )
{%- endmacro %}
