{#- A snapshot in a table of Iceberg is merged into. In one of Hive all its rows are written anew, beside the former
    table; then Glue's entry leads to the new files, and the former ones go. -#}
{% materialization snapshot, adapter='athena' %}
  {%- do athena_check_config() -%}
  {%- if athena_table_type() == 'hive' and not athena_has_unique_place() -%}
    {%- do exceptions.raise_compiler_error(
      "a snapshot in a table of Hive is written anew beside the former table: set `table_type: iceberg`, or remove "
      ~ "`external_location` and set `s3_data_naming` to unique, table_unique or schema_table_unique"
    ) -%}
  {%- endif -%}
  {{ return(materialization_snapshot_default()) }}
{% endmaterialization %}

{#- In upper case, as the snapshots of dbt-athena have it. -#}
{% macro athena__snapshot_hash_arguments(args) -%}
  {%- set parts = [] -%}
  {%- for arg in args -%}
    {%- do parts.append("coalesce(cast(" ~ arg ~ " as varchar), '')") -%}
  {%- endfor -%}
  to_hex(md5(to_utf8({{ parts | join(" || '|' || ") }})))
{%- endmacro %}

{% macro athena_new_snapshot_relation(relation) %}
  {{ return(relation.incorporate(path={'identifier': relation.identifier ~ '__dbt_new'}, type='table')) }}
{% endmacro %}

{% macro athena__snapshot_merge_sql(target, source, insert_cols) -%}
  {%- if athena_table_type() == 'iceberg' -%}
    {{ return(trino__snapshot_merge_sql(target, source, insert_cols)) }}
  {%- endif -%}
  {%- set new_relation = athena_new_snapshot_relation(target) -%}
  {#- its files may be those of the snapshot: a run may have been killed after they changed hands -#}
  {%- do athena_forget_relation(new_relation) -%}
  {%- set columns = config.get('snapshot_table_column_names') or get_snapshot_table_column_names() -%}
  {%- set kept = [] -%}
  {%- set ended = [] -%}
  {%- set added = [] -%}
  {%- for column in insert_cols -%}
    {%- do kept.append('snapshot_rows.' ~ column) -%}
    {%- do added.append('changes.' ~ column) -%}
    {%- set is_end = column | replace('"', '') | lower == columns.dbt_valid_to | lower -%}
    {%- do ended.append(('changes.' if is_end else 'snapshot_rows.') ~ column) -%}
  {%- endfor -%}
  {%- set same = 'changes.' ~ columns.dbt_scd_id ~ ' = snapshot_rows.' ~ columns.dbt_scd_id -%}
  {%- set is_ended -%}
    {{ snapshot_is_current('snapshot_rows.' ~ columns.dbt_valid_to) }} and changes.dbt_change_type in ('update', 'delete')
  {%- endset -%}
  {%- set query %}
    select {{ kept | join(', ') }}
    from {{ target }} as snapshot_rows
    left join {{ source }} as changes on {{ same }}
    where changes.{{ columns.dbt_scd_id }} is null or not ({{ is_ended }})

    union all

    select {{ ended | join(', ') }}
    from {{ target }} as snapshot_rows
    join {{ source }} as changes on {{ same }}
    where {{ is_ended }}

    union all

    select {{ added | join(', ') }}
    from {{ source }} as changes
    left join {{ target }} as snapshot_rows on {{ same }}
    where snapshot_rows.{{ columns.dbt_scd_id }} is null and changes.dbt_change_type = 'insert'
  {%- endset -%}
  {{ return(adapter.dispatch('create_table_as', 'dbt')(
    False, new_relation, query, 'sql', False, target.identifier
  )) }}
{%- endmacro %}

{% macro athena__post_snapshot(staging_relation) %}
  {%- if athena_table_type() == 'hive' -%}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set new_relation = athena_new_snapshot_relation(target_relation) -%}
    {%- set former_place = adapter.get_glue_table_location(target_relation) -%}
    {%- set new_place = adapter.get_glue_table_location(new_relation) -%}
    {%- do adapter.swap_table(new_relation, target_relation) -%}
    {%- do athena_forget_relation(new_relation) -%}
    {%- if former_place and former_place != new_place -%}
      {%- do adapter.delete_from_s3(former_place) -%}
    {%- endif -%}
    {%- do persist_docs(target_relation, model) -%}
  {%- endif -%}
  {%- do adapter.drop_relation(staging_relation) -%}
{% endmacro %}
