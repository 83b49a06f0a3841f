{#- Two statements in place of a merge: end the states that ended, insert the new ones. -#}
{% macro duckdb__snapshot_merge_sql(target, source, insert_cols) -%}
  {%- set columns = config.get("snapshot_table_column_names") or get_snapshot_table_column_names() -%}
  {%- set current_end = config.get('dbt_valid_to_current') -%}
  {%- set valid_to = 'DBT_INTERNAL_TARGET.' ~ columns.dbt_valid_to %}
    update {{ target }} as DBT_INTERNAL_TARGET
    set {{ columns.dbt_valid_to }} = DBT_INTERNAL_SOURCE.{{ columns.dbt_valid_to }}
    from {{ source }} as DBT_INTERNAL_SOURCE
    where DBT_INTERNAL_SOURCE.{{ columns.dbt_scd_id }}::text = DBT_INTERNAL_TARGET.{{ columns.dbt_scd_id }}::text
      and DBT_INTERNAL_SOURCE.dbt_change_type in ('update', 'delete')
      and ({{ valid_to ~ ' = ' ~ current_end ~ ' or ' if current_end }}{{ valid_to }} is null);

    insert into {{ target }} ({{ insert_cols | join(', ') }})
    select {{ insert_cols | join(', ') }}
    from {{ source }}
    where dbt_change_type = 'insert';
{%- endmacro %}


{#- As the built-in macro, with a place that MotherDuck has too. -#}
{% macro build_snapshot_staging_table(strategy, sql, target_relation) %}
  {% set staging = duckdb__dispatch_temporary_relation(target_relation) %}
  {% set staging_sql = snapshot_staging_table(strategy, sql, target_relation) %}
  {% call statement('build_snapshot_staging_relation') %}
    {{ create_table_as(staging.temporary, staging.relation, staging_sql) }}
  {% endcall %}
  {{ return(staging.relation) }}
{% endmacro %}

{% macro duckdb__post_snapshot(temporary_relation) %}
  {{ return(drop_relation(temporary_relation)) }}
{% endmacro %}
