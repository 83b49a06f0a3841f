{#- Loads a file into a table. An existing table is emptied and filled again, so that views on it stay;
    a full refresh drops it. All of it is one transaction. -#}
{% materialization seed, default %}

  {%- set full_refresh_mode = should_full_refresh() -%}
  {%- set existing_relation = adapter.get_relation(
    database=database, schema=schema, identifier=model['alias']
  ) -%}
  {%- set table_exists = existing_relation is not none and existing_relation.is_table -%}
  {%- set target_relation = this.incorporate(type='table') -%}
  {%- set grant_config = config.get('grants') -%}

  {%- set agate_table = load_agate_table() -%}
  {%- do store_result('agate_table', response='OK', agate_table=agate_table) -%}

  {{ run_hooks(pre_hooks, inside_transaction=False) }}
  {{ run_hooks(pre_hooks, inside_transaction=True) }}

  {% if existing_relation is not none and (existing_relation.is_view or existing_relation.is_materialized_view) %}
    {% do exceptions.raise_compiler_error(
      "Cannot seed to '" ~ existing_relation.render() ~ "', it is a view"
    ) %}
  {% elif table_exists %}
    {% set prepare_sql = reset_csv_table(model, full_refresh_mode, existing_relation, agate_table) %}
  {% else %}
    {% set prepare_sql = create_csv_table(model, agate_table) %}
  {% endif %}
  {% set insert_sql = load_csv_rows(model, agate_table) if agate_table.rows else '' %}
  {#- Where the rows were streamed, they were counted on the way. -#}
  {% set row_count = agate_table.rows | length %}

  {% set code = 'CREATE' if full_refresh_mode else 'INSERT' %}
  {% call noop_statement('main', code ~ ' ' ~ row_count, code, row_count) %}
    {{ get_csv_sql(prepare_sql, insert_sql) }};
  {% endcall %}

  {% do apply_grants(
    target_relation, grant_config,
    should_revoke=should_revoke(existing_relation, full_refresh_mode)
  ) %}
  {% do persist_docs(target_relation, model) %}

  {% if full_refresh_mode or not table_exists %}
    {% do create_indexes(target_relation) %}
  {% endif %}

  {{ run_hooks(post_hooks, inside_transaction=True) }}
  {% do adapter.commit() %}
  {{ run_hooks(post_hooks, inside_transaction=False) }}

  {{ return({'relations': [target_relation]}) }}

{% endmaterialization %}
