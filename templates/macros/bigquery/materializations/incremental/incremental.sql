{#- A table that is added to, by `merge`, `insert_overwrite` of partitions, or `microbatch`, which is the
    latter over one batch. -#}

{#- The strategy, when it is one that BigQuery has or the project brings; not dbt's own `append`. -#}
{% macro dbt_bigquery_validate_get_incremental_strategy(config) %}
  {%- set strategy = config.get("incremental_strategy") or 'merge' -%}
  {%- set own_macro = none if strategy == 'append' else context.get('get_incremental_' ~ strategy ~ '_sql') -%}
  {% if strategy not in ['merge', 'insert_overwrite', 'microbatch'] and not own_macro %}
    {% do exceptions.raise_compiler_error(
      "Invalid incremental strategy provided: " ~ strategy
      ~ "\nExpected one of: 'merge', 'insert_overwrite', 'microbatch', 'session_window'"
    ) %}
  {% endif %}
  {% if strategy == 'microbatch' %}
    {% do bq_validate_microbatch_config(config) %}
  {% endif %}
  {% do return(strategy) %}
{% endmacro %}

{#- The SQL that makes a table of a query; that of a table partitioned by loading is made in two steps. -#}
{% macro bq_create_table_as(partition_by, temporary, relation, compiled_code, language='sql') %}
  {%- set declaration = declare_dbt_max_partition(this, partition_by, compiled_code, language) -%}
  {%- if partition_by is not none and partition_by.time_ingestion_partitioning -%}
    {% do run_query(create_table_as(temporary, relation, compiled_code)) %}
    {{ return(declaration ~ bq_insert_into_ingestion_time_partitioned_table_sql(relation, compiled_code)) }}
  {%- endif -%}
  {{ return(declaration ~ create_table_as(temporary, relation, compiled_code, language)) }}
{% endmacro %}

{% macro source_sql_with_partition(partition_by, source_sql) %}
  {%- if partition_by is not none and partition_by.time_ingestion_partitioning -%}
    {{ return(wrap_with_time_ingestion_partitioning_sql(partition_by, source_sql, False)) }}
  {%- endif -%}
  {{ return(source_sql) }}
{% endmacro %}

{% macro bq_generate_incremental_build_sql(
  strategy, tmp_relation, target_relation, sql, unique_key, partition_by, partitions, dest_columns,
  tmp_relation_exists, copy_partitions, incremental_predicates
) %}
  {%- if strategy == 'insert_overwrite' -%}
    {{ return(bq_generate_incremental_insert_overwrite_build_sql(
      tmp_relation, target_relation, sql, unique_key, partition_by, partitions, dest_columns,
      tmp_relation_exists, copy_partitions
    )) }}
  {%- elif strategy == 'microbatch' -%}
    {{ return(bq_generate_microbatch_build_sql(
      tmp_relation, target_relation, sql, unique_key, partition_by, partitions, dest_columns,
      tmp_relation_exists, copy_partitions
    )) }}
  {%- endif -%}
  {{ return(bq_generate_incremental_merge_build_sql(
    tmp_relation, target_relation, sql, unique_key, partition_by, dest_columns, tmp_relation_exists,
    incremental_predicates
  )) }}
{% endmacro %}

{% materialization incremental, adapter='bigquery', supported_languages=['sql'] -%}
  {%- set full_refresh_mode = should_full_refresh() -%}
  {%- set target_relation = this -%}
  {%- set existing_relation = load_relation(this) -%}
  {%- set tmp_relation = make_temp_relation(this) -%}
  {%- set strategy = dbt_bigquery_validate_get_incremental_strategy(config) -%}
  {%- set partition_config = adapter.parse_partition_by(config.get('partition_by', none)) -%}
  {%- set copy_partitions = partition_config is not none and partition_config.copy_partitions -%}
  {%- set is_by_ingestion = partition_config is not none and partition_config.time_ingestion_partitioning -%}
  {%- set is_own_strategy = strategy not in ['merge', 'insert_overwrite', 'microbatch'] -%}
  {%- set on_schema_change = incremental_validate_on_schema_change(
    config.get('on_schema_change'), default='ignore'
  ) -%}
  {%- set incremental_predicates = config.get('predicates', default=none)
    or config.get('incremental_predicates', default=none) -%}
  {%- set grant_config = config.get('grants') -%}
  {%- set tmp_relation_exists = false -%}

  {{ run_hooks(pre_hooks) }}

  {%- set session_window = session_window_model(compiled_code, existing_relation, full_refresh_mode) -%}
  {%- set model_sql = session_window.sql if session_window else compiled_code -%}

  {% if session_window and is_by_ingestion %}
    {% do exceptions.raise_compiler_error(
      "the strategy `session_window` needs the time column in the table: partition by it, without `time_ingestion_partitioning`"
    ) %}
  {% endif %}
  {% if copy_partitions and strategy not in ['insert_overwrite', 'microbatch'] %}
    {% do exceptions.raise_compiler_error(
      "The 'copy_partitions' option requires the 'incremental_strategy' option to be set to 'insert_overwrite' or 'microbatch'."
    ) %}
  {% endif %}

  {% if existing_relation is none or not existing_relation.is_table or full_refresh_mode %}
    {#- a table once replaced is not brought back: rows outside of the window are looked for in one beside it -#}
    {% if session_window and not session_window.drops %}
      {%- call statement('create_tmp_relation') -%}
        {{ bq_create_table_as(partition_config, True, tmp_relation, model_sql) }}
      {%- endcall -%}
      {% set tmp_relation_exists = true %}
      {% do check_scratch_of_session(session_window, tmp_relation) %}
      {%- set model_sql = 'select * from ' ~ tmp_relation -%}
    {% endif %}
    {#- nothing undoes what follows: the ledger must not claim what goes with the table -#}
    {% do doubt_in_ledger(is_new=true) %}
    {#- no statement puts a table in the place of a view, or changes how one is partitioned -#}
    {% if existing_relation is not none and not existing_relation.is_table %}
      {% do adapter.drop_relation(existing_relation) %}
    {% elif not adapter.is_replaceable(existing_relation, partition_config, config.get('cluster_by', none)) %}
      {% do log("Hard refreshing " ~ existing_relation ~ " because it is not replaceable") %}
      {% do adapter.drop_relation(existing_relation) %}
    {% endif %}
    {%- call statement('main') -%}
      {{ bq_create_table_as(partition_config, False, target_relation, model_sql) }}
    {%- endcall -%}
  {% else %}
    {% set dest_columns = none %}
    {% if on_schema_change != 'ignore' or is_own_strategy %}
      {#- the columns of the new rows are known only when these are there -#}
      {%- call statement('create_tmp_relation') -%}
        {{ bq_create_table_as(partition_config, True, tmp_relation, model_sql) }}
      {%- endcall -%}
      {% set tmp_relation_exists = true %}
      {% do check_scratch_of_session(session_window, tmp_relation) %}
      {% set dest_columns = process_schema_changes(on_schema_change, tmp_relation, existing_relation) %}
    {% endif %}
    {% if not dest_columns %}
      {% set dest_columns = adapter.get_columns_in_relation(existing_relation) %}
    {% endif %}
    {% if is_by_ingestion %}
      {% set dest_columns = adapter.add_time_ingestion_partition_column(partition_config, dest_columns) %}
    {% endif %}

    {% if is_own_strategy %}
      {% set strategy_macro = adapter.get_incremental_strategy_macro(context, strategy) %}
      {% set build_sql = strategy_macro({
        'target_relation': target_relation,
        'temp_relation': tmp_relation,
        'unique_key': config.get('unique_key'),
        'dest_columns': dest_columns,
        'session_window': session_window,
        'incremental_predicates': incremental_predicates
      }) %}
    {% else %}
      {% set build_sql = bq_generate_incremental_build_sql(
        strategy, tmp_relation, target_relation, compiled_code, config.get('unique_key'),
        partition_config, config.get('partitions', none), dest_columns, tmp_relation_exists,
        copy_partitions, incremental_predicates
      ) %}
    {% endif %}

    {%- call statement('main') -%}
      {{ build_sql }}
    {% endcall %}
  {% endif %}
  {% do write_ledger(target_relation, session_window=session_window) %}

  {{ run_hooks(post_hooks) }}

  {%- set target_relation = this.incorporate(type='table') -%}
  {% do apply_grants(
    target_relation, grant_config, should_revoke(existing_relation, full_refresh_mode)
  ) %}
  {% do persist_docs(target_relation, model) %}

  {% if tmp_relation_exists %}
    {% do adapter.drop_relation(tmp_relation) %}
  {% endif %}

  {{ return({'relations': [target_relation]}) }}
{%- endmaterialization %}
