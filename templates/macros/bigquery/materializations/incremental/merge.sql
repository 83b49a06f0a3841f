{% macro bq_generate_incremental_merge_build_sql(
  tmp_relation, target_relation, sql, unique_key, partition_by, dest_columns, tmp_relation_exists,
  incremental_predicates
) %}
  {%- set source_sql -%}
    (
    {%- if tmp_relation_exists %}
      {{ bq_select_from_tmp(tmp_relation, partition_by) }}
    {%- elif partition_by is not none and partition_by.time_ingestion_partitioning %}
      {{ wrap_with_time_ingestion_partitioning_sql(partition_by, sql, True) }}
    {%- else %}
      {{ sql }}
    {%- endif %}
    )
  {%- endset -%}
  {%- set predicates = [] + (incremental_predicates or []) -%}
  {%- set any_partition = predicate_for_avoid_require_partition_filter() -%}
  {%- if any_partition is not none -%}
    {%- do predicates.append(any_partition) -%}
  {%- endif -%}
  {{ return(get_merge_sql(target_relation, source_sql, unique_key, dest_columns, predicates)) }}
{% endmacro %}

{#- The rows of the temporary table, with the partition they go to where no column says it. -#}
{% macro bq_select_from_tmp(tmp_relation, partition_by) -%}
  {%- if partition_by is not none and partition_by.time_ingestion_partitioning -%}
  select {{ partition_by.insertable_time_partitioning_field() }}, * from {{ tmp_relation }}
  {%- else -%}
  select * from {{ tmp_relation }}
  {%- endif -%}
{%- endmacro %}

{#- `is not distinct from` would keep BigQuery from seeing which partitions are needed. -#}
{% macro bigquery__get_merge_unique_key_match(source_unique_key, target_unique_key) -%}
  {%- if adapter.behavior.enable_truthy_nulls_equals_macro.no_warn -%}
    (({{ source_unique_key }} is null and {{ target_unique_key }} is null) or ({{ source_unique_key }} = {{ target_unique_key }}))
  {%- else -%}
    ({{ source_unique_key }} = {{ target_unique_key }})
  {%- endif -%}
{%- endmacro %}
