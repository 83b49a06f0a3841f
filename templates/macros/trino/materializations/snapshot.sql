{% materialization snapshot, adapter='trino' %}
  {% if (config.get('properties') or {}).get('location') %}
    {% do exceptions.raise_compiler_error("Specifying 'location' property in snapshots is not supported.") %}
  {% endif %}
  {{ return(materialization_snapshot_default()) }}
{% endmaterialization %}

{#- Times with and without a zone are compared in the session's zone, and not warned of. -#}
{% macro check_time_data_types(sql) %}
  {% set updated_at_type = trino__first_word(get_updated_at_column_data_type(sql)) %}
  {% set snapshot_time_type = trino__first_word(get_snapshot_get_time_data_type()) %}
  {% if updated_at_type and snapshot_time_type and updated_at_type != snapshot_time_type %}
    {% do exceptions.warn_snapshot_timestamp_data_types(snapshot_time_type, updated_at_type) %}
  {% endif %}
{% endmacro %}

{% macro trino__snapshot_hash_arguments(args) -%}
  {%- set parts = [] -%}
  {%- for arg in args -%}
    {%- do parts.append("coalesce(cast(" ~ arg ~ " as varchar), '')") -%}
  {%- endfor -%}
  lower(to_hex(md5(to_utf8({{ parts | join(" || '|' || ") }}))))
{%- endmacro %}

{#- There are no temporary tables that would go by themselves. -#}
{% macro trino__post_snapshot(staging_relation) %}
  {% do adapter.drop_relation(staging_relation) %}
{% endmacro %}

{#- The inserted values name their side: Trino does not find them otherwise. -#}
{% macro trino__snapshot_merge_sql(target, source, insert_cols) -%}
  {%- set columns = config.get("snapshot_table_column_names") or get_snapshot_table_column_names() -%}
  {%- set values = [] -%}
  {%- for column in insert_cols -%}
    {%- do values.append('DBT_INTERNAL_SOURCE.' ~ column) -%}
  {%- endfor %}
    merge into {{ target.render() }} as DBT_INTERNAL_DEST
    using {{ source }} as DBT_INTERNAL_SOURCE
    on DBT_INTERNAL_SOURCE.{{ columns.dbt_scd_id }} = DBT_INTERNAL_DEST.{{ columns.dbt_scd_id }}
    when matched
        and {{ snapshot_is_current('DBT_INTERNAL_DEST.' ~ columns.dbt_valid_to) }}
        and DBT_INTERNAL_SOURCE.dbt_change_type in ('update', 'delete')
    then update
        set {{ columns.dbt_valid_to }} = DBT_INTERNAL_SOURCE.{{ columns.dbt_valid_to }}
    when not matched
        and DBT_INTERNAL_SOURCE.dbt_change_type = 'insert'
    then insert ({{ insert_cols | join(', ') }})
    values ({{ values | join(', ') }})
{%- endmacro %}
