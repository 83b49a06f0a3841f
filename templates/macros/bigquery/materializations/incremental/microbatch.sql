{#- A batch is a partition: both have to be of the same length. -#}
{% macro bq_validate_microbatch_config(config) %}
  {%- set partition_config = config.get('partition_by') -%}
  {%- if partition_config is none -%}
    {% do exceptions.raise_compiler_error("The 'microbatch' strategy requires a `partition_by` config.") %}
  {%- endif -%}
  {%- if partition_config.granularity != config.get('batch_size') -%}
    {% do exceptions.raise_compiler_error(
      "The 'microbatch' strategy requires a `partition_by` config with the same granularity as its configured `batch_size`."
      ~ "\nGot:\n  `batch_size`: " ~ config.get('batch_size')
      ~ "\n  `partition_by.granularity`: " ~ partition_config.granularity
    ) %}
  {%- endif -%}
{% endmacro %}

{% macro bq_generate_microbatch_build_sql(
  tmp_relation, target_relation, sql, unique_key, partition_by, partitions, dest_columns,
  tmp_relation_exists, copy_partitions
) %}
  {{ return(bq_insert_overwrite_sql(
    tmp_relation, target_relation, sql, unique_key, partition_by, partitions, dest_columns,
    tmp_relation_exists, copy_partitions
  )) }}
{% endmacro %}
