{#- Keeps the history of a query's rows: one record for each state of a row, with the time from which
    and until which it held. The first run creates the table. Every other run puts what has changed
    into a staging table and merges that: new states are inserted, states that ended get their end. -#}
{% materialization snapshot, default %}

  {%- set unique_key = config.get('unique_key') -%}
  {%- set grant_config = config.get('grants') -%}
  {%- set target_exists, target_relation = get_or_create_relation(
    database=model.database,
    schema=model.schema,
    identifier=model.get('alias', model.get('name')),
    type='table'
  ) -%}
  {%- if not target_relation.is_table -%}
    {%- do exceptions.relation_wrong_type(target_relation, 'table') -%}
  {%- endif -%}

  {{ run_hooks(pre_hooks, inside_transaction=False) }}
  {{ run_hooks(pre_hooks, inside_transaction=True) }}

  {%- set strategy_macro = strategy_dispatch(config.get('strategy')) -%}
  {%- set strategy = strategy_macro(
    model, "snapshotted_data", "source_data", model['config'], target_exists
  ) -%}

  {% if not target_exists %}
    {% set changes_sql = build_snapshot_table(strategy, model['compiled_code']) %}
    {% set final_sql = create_table_as(False, target_relation, changes_sql) %}
  {% else %}
    {% set columns = config.get("snapshot_table_column_names") or get_snapshot_table_column_names() %}
    {% do adapter.assert_valid_snapshot_target_given_strategy(target_relation, columns, strategy) %}

    {% set changes_sql = snapshot_staging_table(strategy, sql, target_relation) %}
    {% set staging_table = build_snapshot_staging_table(strategy, sql, target_relation) %}
    {% do adapter.expand_target_column_types(from_relation=staging_table, to_relation=target_relation) %}

    {#- columns of the staging table that only this run needs -#}
    {% set helper_columns = ['dbt_change_type', 'dbt_unique_key'] %}
    {% if unique_key is not string %}
      {% for key in strategy.unique_key %}
        {% do helper_columns.append('dbt_unique_key_' ~ loop.index) %}
      {% endfor %}
    {% endif %}
    {% set helper_columns = helper_columns + (helper_columns | map('upper') | list) %}

    {% set new_columns = adapter.get_missing_columns(staging_table, target_relation)
      | rejectattr('name', 'in', helper_columns) | list %}
    {% do create_columns(target_relation, new_columns) %}

    {% set insert_columns = [] %}
    {% for column in adapter.get_columns_in_relation(staging_table)
      | rejectattr('name', 'in', helper_columns) | list %}
      {% do insert_columns.append(adapter.quote(column.name)) %}
    {% endfor %}
    {% set final_sql = snapshot_merge_sql(
      target=target_relation, source=staging_table, insert_cols=insert_columns
    ) %}
  {% endif %}

  {% do check_time_data_types(changes_sql) %}

  {% call statement('main') %}
    {{ final_sql }}
  {% endcall %}

  {% do apply_grants(
    target_relation, grant_config,
    should_revoke=should_revoke(target_exists, full_refresh_mode=False)
  ) %}
  {% do persist_docs(target_relation, model) %}
  {% if not target_exists %}
    {% do create_indexes(target_relation) %}
  {% endif %}

  {{ run_hooks(post_hooks, inside_transaction=True) }}
  {% do adapter.commit() %}

  {% if target_exists %}
    {% do post_snapshot(staging_table) %}
  {% endif %}
  {{ run_hooks(post_hooks, inside_transaction=False) }}

  {{ return({'relations': [target_relation]}) }}

{% endmaterialization %}
