{#- The query of a snapshot's first run: every row, valid from its time on. -#}
{% macro build_snapshot_table(strategy, sql) -%}
  {{ return(adapter.dispatch('build_snapshot_table', 'dbt')(strategy, sql)) }}
{%- endmacro %}

{% macro default__build_snapshot_table(strategy, sql) %}
  {%- set columns = config.get('snapshot_table_column_names') or get_snapshot_table_column_names() %}
    select
        *,
        {{ strategy.scd_id }} as {{ columns.dbt_scd_id }},
        {{ strategy.updated_at }} as {{ columns.dbt_updated_at }},
        {{ strategy.updated_at }} as {{ columns.dbt_valid_from }},
        {{ get_dbt_valid_to_current(strategy, columns) }}
        {{- ", 'False' as " ~ columns.dbt_is_deleted if strategy.hard_deletes == 'new_record' }}
    from (
        {{ sql }}
    ) sbq
{% endmacro %}


{#- Puts the changes into a temporary table and returns it. -#}
{% macro build_snapshot_staging_table(strategy, sql, target_relation) %}
  {% set temp_relation = make_temp_relation(target_relation) %}
  {% set staging_sql = snapshot_staging_table(strategy, sql, target_relation) %}
  {% call statement('build_snapshot_staging_relation') %}
    {{ create_table_as(True, temp_relation, staging_sql) }}
  {% endcall %}
  {{ return(temp_relation) }}
{% endmacro %}


{#- For adapters that have to drop the staging table themselves. -#}
{% macro post_snapshot(staging_relation) %}
  {{ return(adapter.dispatch('post_snapshot', 'dbt')(staging_relation)) }}
{% endmacro %}

{% macro default__post_snapshot(staging_relation) %}
{% endmacro %}
