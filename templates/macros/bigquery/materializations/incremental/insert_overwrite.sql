{#- Whole partitions are replaced: those that `partitions` names, or those that the new rows are in. One
    `merge` does it, or, with `copy_partitions`, a free copy of each partition. -#}
{% macro bq_generate_incremental_insert_overwrite_build_sql(
  tmp_relation, target_relation, sql, unique_key, partition_by, partitions, dest_columns,
  tmp_relation_exists, copy_partitions
) %}
  {%- if partition_by is none -%}
    {% do exceptions.raise_compiler_error(
      "The 'insert_overwrite' strategy requires the `partition_by` config."
    ) %}
  {%- endif -%}
  {{ return(bq_insert_overwrite_sql(
    tmp_relation, target_relation, sql, unique_key, partition_by, partitions, dest_columns,
    tmp_relation_exists, copy_partitions
  )) }}
{% endmacro %}

{% macro bq_insert_overwrite_sql(
  tmp_relation, target_relation, sql, unique_key, partition_by, partitions, dest_columns,
  tmp_relation_exists, copy_partitions
) %}
  {%- if partitions is not none and partitions != [] -%}
    {{ return(bq_static_insert_overwrite_sql(
      tmp_relation, target_relation, sql, partition_by, partitions, dest_columns,
      tmp_relation_exists, copy_partitions
    )) }}
  {%- endif -%}
  {{ return(bq_dynamic_insert_overwrite_sql(
    tmp_relation, target_relation, sql, unique_key, partition_by, dest_columns,
    tmp_relation_exists, copy_partitions
  )) }}
{% endmacro %}


{#- Copies partitions one by one; each is replaced at once. -#}
{% macro bq_copy_partitions(tmp_relation, target_relation, partitions, partition_by) %}
  {%- set formats = {'hour': '%Y%m%d%H', 'day': '%Y%m%d', 'month': '%Y%m', 'year': '%Y'} -%}
  {%- for partition in partitions if partition is not none -%}
    {%- set name = partition | string if partition_by.data_type == 'int64'
      else partition.strftime(formats[partition_by.granularity]) -%}
    {%- set from_partition = tmp_relation.incorporate(path={"identifier": tmp_relation.identifier ~ '$' ~ name}) -%}
    {%- set to_partition = target_relation.incorporate(path={"identifier": target_relation.identifier ~ '$' ~ name}) -%}
    {% do adapter.copy_table(from_partition, to_partition, "table") %}
  {%- endfor -%}
{% endmacro %}


{% macro bq_static_select_insert_overwrite_sql(tmp_relation, sql, partition_by, tmp_relation_exists) %}
  {%- set source_sql -%}
  (
    {%- if tmp_relation_exists %}
      {{ bq_select_from_tmp(tmp_relation, partition_by) }}
    {%- elif partition_by.time_ingestion_partitioning %}
      {{ wrap_with_time_ingestion_partitioning_sql(partition_by, sql, true) }}
    {%- else %}
      {{ sql }}
    {%- endif %}
  )
  {%- endset -%}
  {{ return(source_sql) }}
{% endmacro %}

{% macro bq_static_insert_overwrite_sql(
  tmp_relation, target_relation, sql, partition_by, partitions, dest_columns, tmp_relation_exists,
  copy_partitions
) %}
  {%- if copy_partitions -%}
    {{ bq_static_copy_partitions_insert_overwrite_sql(
      tmp_relation, target_relation, sql, partition_by, partitions, tmp_relation_exists
    ) }}
  {%- else -%}
    {%- set predicate = partition_by.render_wrapped(alias='DBT_INTERNAL_DEST')
      ~ ' in (' ~ partitions | join(', ') ~ ')' -%}
    {%- set source_sql = bq_static_select_insert_overwrite_sql(
      tmp_relation, sql, partition_by, tmp_relation_exists
    ) -%}
    {#- a temporary table was made with the header already -#}
    {{ get_insert_overwrite_merge_sql(
      target_relation, source_sql, dest_columns, [predicate], include_sql_header=not tmp_relation_exists
    ) }};
    {%- if tmp_relation_exists %}
    drop table if exists {{ tmp_relation }};
    {%- endif -%}
  {%- endif -%}
{% endmacro %}

{#- A partition that is named is replaced even where the query has no rows for it. -#}
{% macro bq_static_copy_partitions_insert_overwrite_sql(
  tmp_relation, target_relation, sql, partition_by, partitions, tmp_relation_exists
) %}
  {%- if not tmp_relation_exists -%}
    {%- call statement('create_tmp_relation_for_copy') -%}
      {{ bq_create_table_as(partition_by, True, tmp_relation, sql) }}
    {%- endcall -%}
  {%- endif -%}
  {%- set wanted_type = 'int64' if partition_by.data_type == 'int64' else 'timestamp' -%}
  {%- set resolved = run_query(
    'select cast(partition_literal as ' ~ wanted_type ~ ') as partition_start from unnest(['
    ~ partitions | join(', ') ~ ']) as partition_literal'
  ).columns[0].values() -%}
  {%- do bq_copy_partitions(tmp_relation, target_relation, resolved, partition_by) -%}
  drop table if exists {{ tmp_relation }}
{% endmacro %}


{% macro bq_dynamic_copy_partitions_insert_overwrite_sql(
  tmp_relation, target_relation, sql, unique_key, partition_by, dest_columns, tmp_relation_exists,
  copy_partitions
) %}
  {%- if not tmp_relation_exists -%}
    {%- call statement('create_tmp_relation_for_copy') -%}
      {{ bq_create_table_as(partition_by, True, tmp_relation, sql) }}
    {%- endcall -%}
  {%- endif -%}
  {%- set partitions = run_query(
    'select distinct ' ~ partition_by.render_wrapped() ~ ' from ' ~ tmp_relation
  ).columns[0].values() -%}
  {%- do bq_copy_partitions(tmp_relation, target_relation, partitions, partition_by) -%}
  drop table if exists {{ tmp_relation }}
{% endmacro %}

{% macro bq_dynamic_insert_overwrite_sql(
  tmp_relation, target_relation, sql, unique_key, partition_by, dest_columns, tmp_relation_exists,
  copy_partitions
) %}
  {%- if copy_partitions -%}
    {{ bq_dynamic_copy_partitions_insert_overwrite_sql(
      tmp_relation, target_relation, sql, unique_key, partition_by, dest_columns,
      tmp_relation_exists, copy_partitions
    ) }}
  {%- else -%}
    {%- set predicate = partition_by.render_wrapped(alias='DBT_INTERNAL_DEST')
      ~ ' in unnest(dbt_partitions_for_replacement)' -%}
    {%- set partition_field = partition_by.time_partitioning_field()
      if partition_by.time_ingestion_partitioning else partition_by.render_wrapped() -%}
    {%- set source_sql = '(\n      ' ~ bq_select_from_tmp(tmp_relation, partition_by) ~ '\n    )' -%}

    -- the partitions that the new rows are in are replaced in {{ target_relation }}
    declare dbt_partitions_for_replacement array<{{ partition_by.data_type_for_partition() }}>;

    {% if not tmp_relation_exists -%}
    {{ bq_create_table_as(partition_by, True, tmp_relation, sql) }}
    {%- endif %}

    set dbt_partitions_for_replacement = (
      select array_agg(distinct {{ partition_field }} ignore nulls)
      from {{ tmp_relation }}
    );

    {{ get_insert_overwrite_merge_sql(target_relation, source_sql, dest_columns, [predicate]) }};

    drop table if exists {{ tmp_relation }}
  {%- endif -%}
{% endmacro %}
