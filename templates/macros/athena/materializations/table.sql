{#- A table. One of Iceberg is built beside the former one and takes its place by two names; one of Hive takes the place
    of the former one after that is gone or, with `ha`, in Glue, whose entry then leads to the new files. -#}
{% materialization table, adapter='athena', supported_languages=['sql'] %}
  {%- do athena_check_config() -%}
  {%- set table_type = athena_table_type() -%}
  {%- set existing_relation = load_cached_relation(this) -%}
  {%- set target_relation = this.incorporate(type='table') -%}
  {%- set is_swapped = config.get('ha', false) and not should_full_refresh() -%}
  {%- if table_type == 'hive' and config.get('ha', false) and not athena_has_unique_place() -%}
    {%- do exceptions.raise_compiler_error(
      "with `ha` two tables stand beside each other, so both need places of their own in S3: remove `external_location` "
      ~ "and set `s3_data_naming` to unique, table_unique or schema_table_unique"
    ) -%}
  {%- endif -%}

  {{ run_hooks(pre_hooks) }}

  {% if existing_relation is none %}
    {% do athena_build_table(target_relation, sql) %}
  {% elif table_type == 'iceberg' %}
    {% do athena_replace_by_name(existing_relation, target_relation, sql) %}
  {% elif is_swapped and adapter.get_glue_table_type(existing_relation) == 'table' %}
    {% do athena_replace_in_glue(target_relation, sql) %}
  {% else %}
    {% do adapter.drop_relation(existing_relation) %}
    {% do athena_build_table(target_relation, sql) %}
  {% endif %}

  {{ run_hooks(post_hooks) }}
  {% do persist_docs(target_relation, model) %}

  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}


{#- Builds a table of Iceberg beside what is there and swaps the names. -#}
{% macro athena_replace_by_name(existing_relation, target_relation, query) %}
  {%- set beside = make_intermediate_relation(target_relation, '__ha') -%}
  {%- set backup = make_backup_relation(target_relation, 'table', '__bkp') -%}
  {#- left behind by a run that was killed; the table itself is there, so nothing is lost with them -#}
  {%- do drop_relation_if_exists(load_cached_relation(beside)) -%}
  {%- do drop_relation_if_exists(load_cached_relation(backup)) -%}

  {%- do athena_build_table(beside, query, target_relation.identifier) -%}
  {%- if adapter.get_glue_table_type(existing_relation) == 'iceberg_table' -%}
    {%- do adapter.rename_relation(existing_relation, backup) -%}
    {%- do adapter.rename_relation(beside, target_relation) -%}
    {%- do adapter.drop_relation(backup) -%}
  {%- else -%}
    {#- neither views nor tables of Hive can be renamed -#}
    {%- do adapter.drop_relation(existing_relation) -%}
    {%- do adapter.rename_relation(beside, target_relation) -%}
  {%- endif -%}
{% endmacro %}


{#- Builds a table of Hive beside the one that is there and lets Glue's entry of the latter lead to the new files. The
    entry of the former is then taken out without its files, which are those of the table now. -#}
{% macro athena_replace_in_glue(target_relation, query) %}
  {%- set beside = make_intermediate_relation(target_relation, '__ha') -%}
  {%- if load_cached_relation(beside) is not none -%}
    {%- do athena_forget_relation(beside) -%}
  {%- endif -%}
  {%- do athena_build_table(beside, query, target_relation.identifier) -%}
  {%- do adapter.swap_table(beside, target_relation) -%}
  {%- do athena_forget_relation(beside) -%}
  {%- do adapter.expire_glue_table_versions(target_relation, config.get('versions_to_keep', 4) | int, True) -%}
{% endmacro %}
