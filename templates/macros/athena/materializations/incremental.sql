{#- A table that is added to. New rows are first a table of their own, which several statements read. Nothing undoes a
    statement because a later one failed. -#}
{% materialization incremental, adapter='athena', supported_languages=['sql'] %}
  {%- do athena_check_config() -%}
  {%- set table_type = athena_table_type() -%}
  {%- set strategy = athena_incremental_strategy(table_type) -%}
  {%- set full_refresh_mode = should_full_refresh() -%}
  {%- set on_schema_change = incremental_validate_on_schema_change(
    config.get('on_schema_change'), default='ignore'
  ) -%}
  {%- set existing_relation = load_cached_relation(this) -%}
  {%- set target_relation = this.incorporate(type='table') -%}
  {%- set temp_relation = athena_temp_relation() -%}

  {{ run_hooks(pre_hooks) }}

  {%- set is_replaced = existing_relation is none or not existing_relation.is_table or full_refresh_mode -%}
  {%- set session_window = session_window_model(sql, existing_relation, is_replaced) -%}
  {%- set model_sql = session_window.sql if session_window else sql -%}

  {#- nothing undoes what follows: the ledger must not claim what is gone when the run is killed -#}
  {% do doubt_in_ledger(is_new=is_replaced) %}
  {% if existing_relation is none %}
    {% do athena_build_table(target_relation, model_sql) %}
  {% elif is_replaced and table_type == 'iceberg' and athena_has_unique_place() %}
    {% do athena_replace_by_name(existing_relation, target_relation, model_sql) %}
  {% elif is_replaced %}
    {% do adapter.drop_relation(existing_relation) %}
    {% do athena_build_table(target_relation, model_sql) %}
  {% else %}
    {% call statement('create_tmp_relation') -%}
      {{ adapter.dispatch('create_table_as', 'dbt')(True, temp_relation, model_sql, 'sql', True) }}
    {%- endcall %}
    {% do check_session_window(session_window, temp_relation) %}
    {% set dest_columns = process_schema_changes(on_schema_change, temp_relation, existing_relation) %}
    {% if not dest_columns %}
      {% set dest_columns = adapter.get_columns_in_relation(existing_relation) %}
    {% endif %}

    {% if strategy == 'insert_overwrite' %}
      {% do delete_overlapping_partitions(target_relation, temp_relation, config.get('partitioned_by')) %}
    {% endif %}
    {% if strategy == 'session_window' %}
      {% call statement('main') %}
        {{ get_incremental_session_window_sql({
          'target_relation': target_relation,
          'temp_relation': temp_relation,
          'dest_columns': dest_columns,
          'session_window': session_window,
          'incremental_predicates': config.get('incremental_predicates')
        }) }}
      {% endcall %}
    {% else %}
      {% do athena_take_over(strategy, target_relation, temp_relation, dest_columns) %}
    {% endif %}
    {% do adapter.drop_relation(temp_relation) %}
  {% endif %}
  {% if is_replaced %}
    {% do check_session_window(session_window, target_relation) %}
  {% endif %}
  {% do write_ledger(target_relation, is_new=is_replaced, session_window=session_window) %}

  {{ run_hooks(post_hooks) }}
  {% do persist_docs(target_relation, model) %}
  {% do adapter.expire_glue_table_versions(target_relation, config.get('versions_to_keep', 1) | int, False) %}

  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}


{#- The strategy by which rows are taken over, of those that the type of the table has. A batch of `microbatch` is merged
    into a table of Iceberg and takes the place of its partitions in one of Hive. -#}
{% macro athena_incremental_strategy(table_type) %}
  {%- set wanted = config.get('incremental_strategy') or 'insert_overwrite' -%}
  {%- set strategies = ['append', 'merge', 'microbatch', 'session_window'] if table_type == 'iceberg'
    else ['append', 'insert_overwrite', 'microbatch'] -%}
  {%- if wanted == 'session_window' and table_type == 'hive' -%}
    {%- do exceptions.raise_compiler_error(
      "`session_window` deletes the rows of a window, which tables of Hive cannot: set `table_type: iceberg`, or use "
      ~ "`insert_overwrite` with partitions of the window's size"
    ) -%}
  {%- elif wanted not in strategies -%}
    {%- do exceptions.raise_compiler_error(
      "Invalid incremental strategy provided: " ~ wanted ~ "; a table of the type " ~ table_type ~ " has "
      ~ strategies | join(', ')
    ) -%}
  {%- endif -%}
  {%- if wanted == 'merge' or (wanted == 'microbatch' and table_type == 'iceberg') -%}
    {%- if not config.get('unique_key') -%}
      {%- do exceptions.raise_compiler_error(
        "the strategy `" ~ wanted ~ "` needs `unique_key`: a column, or a list of them"
      ) -%}
    {%- endif -%}
    {%- if config.get('incremental_predicates') is string -%}
      {%- do exceptions.raise_compiler_error("`incremental_predicates` is a list of predicates") -%}
    {%- endif -%}
    {{ return('merge') }}
  {%- elif wanted in ['microbatch', 'insert_overwrite'] and not config.get('partitioned_by') -%}
    {%- if wanted == 'microbatch' -%}
      {%- do exceptions.raise_compiler_error(
        "the strategy `microbatch` replaces partitions of a table of Hive: set `partitioned_by` to a column of the grain "
        ~ config.get('batch_size')
      ) -%}
    {%- endif -%}
    {{ return('append') }}
  {%- endif -%}
  {{ return('insert_overwrite' if wanted == 'microbatch' else wanted) }}
{% endmacro %}


{#- The table of the new rows: `temp_schema` is its schema, and `unique_tmp_table_suffix` makes its name one that no run
    beside this one has. -#}
{% macro athena_temp_relation() %}
  {%- set suffix = adapter.generate_unique_temporary_table_suffix() if config.get('unique_tmp_table_suffix')
    else '__dbt_tmp' -%}
  {%- set temp_relation = make_temp_relation(this, suffix).incorporate(type='table') -%}
  {%- if config.get('temp_schema') -%}
    {%- set temp_relation = temp_relation.incorporate(path={'schema': config.get('temp_schema')}) -%}
    {%- do create_schema(temp_relation) -%}
  {%- endif -%}
  {{ return(temp_relation) }}
{% endmacro %}


{#- Adds or merges the rows by the statement `main`, a hundred partitions at a time where there are more. -#}
{% macro athena_take_over(strategy, target_relation, temp_relation, dest_columns) %}
  {%- set columns_csv = dest_columns | map(attribute='quoted') | join(', ') -%}
  {%- set is_partitioned = config.get('partitioned_by') -%}
  {%- set is_done = [] -%}
  {%- if not (is_partitioned and config.get('force_batch')) -%}
    {%- set whole_sql = athena_take_over_sql(strategy, target_relation, temp_relation, dest_columns, columns_csv) -%}
    {%- if is_partitioned -%}
      {%- do adapter.athena_tolerate_open_partitions() -%}
    {%- endif -%}
    {%- call statement('main') -%}
      {{ whole_sql }}
    {%- endcall -%}
    {%- if not (is_partitioned and athena_has_too_many_partitions('main')) -%}
      {%- do is_done.append(true) -%}
    {%- endif -%}
  {%- endif -%}
  {%- if not is_done -%}
    {%- for condition in get_partition_batches(temp_relation, False) -%}
      {%- set some = '(select ' ~ columns_csv ~ ' from ' ~ temp_relation ~ ' where ' ~ condition ~ ')' -%}
      {%- call statement('main') -%}
        {{ athena_take_over_sql(strategy, target_relation, some, dest_columns, columns_csv) }}
      {%- endcall -%}
    {%- endfor -%}
  {%- endif -%}
{% endmacro %}

{% macro athena_take_over_sql(strategy, target_relation, source, dest_columns, columns_csv) %}
  {%- if strategy == 'merge' -%}
    {{ return(athena_merge_sql(target_relation, source, dest_columns)) }}
  {%- endif -%}
  {{ return(
    'insert into ' ~ target_relation ~ ' (' ~ columns_csv ~ ')\n(\n    select ' ~ columns_csv ~ '\n    from ' ~ source
    ~ ' as new_rows\n)'
  ) }}
{% endmacro %}


{#- Deletes the partitions that the new rows belong to, with their files. -#}
{% macro delete_overlapping_partitions(target_relation, tmp_relation, partitioned_by) %}
  {%- set keys = [partitioned_by] if partitioned_by is string else partitioned_by -%}
  {%- set rows = run_query('select distinct ' ~ keys | join(', ') ~ ' from ' ~ tmp_relation).rows -%}
  {%- set conditions = [] -%}
  {%- for row in rows -%}
    {%- set parts = [] -%}
    {%- for key in keys -%}
      {%- set value = row[loop.index0] -%}
      {%- if value is none -%}
        {%- do exceptions.raise_compiler_error(
          "the new rows have none for the partition `" ~ key ~ "`: which partition they are to replace cannot be told"
        ) -%}
      {%- endif -%}
      {#- an expression of Glue, which has no literals of times -#}
      {%- set text = value | string -%}
      {%- do parts.append(
        key ~ '=' ~ (text if value is number and value is not boolean else "'" ~ text | replace("'", "''") ~ "'")
      ) -%}
    {%- endfor -%}
    {%- do conditions.append(parts | join(' and ')) -%}
  {%- endfor -%}
  {%- if conditions -%}
    {%- do adapter.clean_up_partitions(target_relation, conditions) -%}
  {%- endif -%}
{% endmacro %}


{#- Athena has not shown what its `merge` does when two of them meet. -#}
{% macro athena__get_incremental_session_window_sql(arg_dict) %}
  {{ return(default__get_incremental_session_window_sql(arg_dict)) }}
{% endmacro %}
