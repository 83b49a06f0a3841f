{#- The query that finds what has changed since the last run. Each row says in `dbt_change_type` what is
    to be done with it: `insert` a new state, or end the state of that dbt_scd_id by `update` (there is
    a new one) or `delete` (the row is gone). -#}
{% macro snapshot_staging_table(strategy, source_sql, target_relation) -%}
  {{ return(adapter.dispatch('snapshot_staging_table', 'dbt')(strategy, source_sql, target_relation)) }}
{%- endmacro %}

{% macro default__snapshot_staging_table(strategy, source_sql, target_relation) -%}
  {%- set columns = config.get('snapshot_table_column_names') or get_snapshot_table_column_names() -%}
  {%- set key = strategy.unique_key -%}
  {%- set current_end = config.get('dbt_valid_to_current') -%}
  {#- `new_record` writes a state that says the row was deleted; `invalidate` only ends the last one -#}
  {%- set records_deletes = strategy.hard_deletes == 'new_record' -%}
  {%- set follows_deletes = records_deletes or strategy.hard_deletes == 'invalidate' -%}
  {%- set is_deleted = 'snapshotted_data.' ~ columns.dbt_is_deleted -%}
  {%- set now = snapshot_get_time() -%}

    with snapshot_query as (
        {{ source_sql }}
    ),

    snapshotted_data as (
        select *, {{ unique_key_fields(key) }}
        from {{ target_relation }}
        where {{ snapshot_is_current(columns.dbt_valid_to) }}
    ),

    insertions_source_data as (
        select
            *,
            {{ unique_key_fields(key) }},
            {{ strategy.updated_at }} as {{ columns.dbt_updated_at }},
            {{ strategy.updated_at }} as {{ columns.dbt_valid_from }},
            {{ get_dbt_valid_to_current(strategy, columns) }},
            {{ strategy.scd_id }} as {{ columns.dbt_scd_id }}
        from snapshot_query
    ),

    updates_source_data as (
        select
            *,
            {{ unique_key_fields(key) }},
            {{ strategy.updated_at }} as {{ columns.dbt_updated_at }},
            {{ strategy.updated_at }} as {{ columns.dbt_valid_from }},
            {{ strategy.updated_at }} as {{ columns.dbt_valid_to }}
        from snapshot_query
    ),

    insertions as (
        select
            'insert' as dbt_change_type,
            source_data.*
            {{- ", 'False' as " ~ columns.dbt_is_deleted if records_deletes }}
        from insertions_source_data as source_data
        left outer join snapshotted_data
            on {{ unique_key_join_on(key, "snapshotted_data", "source_data") }}
        where {{ unique_key_is_null(key, "snapshotted_data") }}
           or (
            {{ unique_key_is_not_null(key, "snapshotted_data") }}
            and ({{ strategy.row_changed }}{{ ' or ' ~ is_deleted ~ " = 'True'" if records_deletes }})
        )
    ),

    updates as (
        select
            'update' as dbt_change_type,
            source_data.*,
            snapshotted_data.{{ columns.dbt_scd_id }}
            {{- ', ' ~ is_deleted if records_deletes }}
        from updates_source_data as source_data
        join snapshotted_data
            on {{ unique_key_join_on(key, "snapshotted_data", "source_data") }}
        where ({{ strategy.row_changed }}{{ ' or ' ~ is_deleted ~ " = 'True'" if records_deletes }})
    )

  {%- if follows_deletes %},

    deletes_source_data as (
        select *, {{ unique_key_fields(key) }}
        from snapshot_query
    ),

    {#- states whose row is gone, without those that say so already #}
    gone as (
        select snapshotted_data.*
        from snapshotted_data
        left join deletes_source_data as source_data
            on {{ unique_key_join_on(key, "snapshotted_data", "source_data") }}
        where {{ unique_key_is_null(key, "source_data") }}
        {%- if records_deletes %}
          and not (
            {{ is_deleted }} = 'True'
            and snapshotted_data.{{ columns.dbt_valid_to }} {{ '= ' ~ current_end if current_end else 'is null' }}
        )
        {%- endif %}
    ),

    deletes as (
        select
            'delete' as dbt_change_type,
            source_data.*,
            {{ now }} as {{ columns.dbt_valid_from }},
            {{ now }} as {{ columns.dbt_updated_at }},
            {{ now }} as {{ columns.dbt_valid_to }},
            gone.{{ columns.dbt_scd_id }}
            {{- ', gone.' ~ columns.dbt_is_deleted if records_deletes }}
        from gone
        {#- matches nothing: it gives the columns of the query their places, all null #}
        left join deletes_source_data as source_data on {{ unique_key_join_on(key, "gone", "source_data") }}
    )
  {%- endif %}

  {%- if records_deletes %},
    {%- set snapshot_names = get_list_of_column_names(get_columns_in_relation(target_relation)) %}

    deletion_records as (
        select
            'insert' as dbt_change_type,
        {%- for name in get_columns_in_query(source_sql) %}
            {{ 'gone' if name in snapshot_names else 'source_data' }}.{{ adapter.quote(name) }},
        {%- endfor %}
        {%- if key is string %}
            gone.dbt_unique_key,
        {%- else %}
          {%- for column in key %}
            gone.dbt_unique_key_{{ loop.index }},
          {%- endfor %}
        {%- endif %}
            {{ now }} as {{ columns.dbt_valid_from }},
            {{ now }} as {{ columns.dbt_updated_at }},
            gone.{{ columns.dbt_valid_to }} as {{ columns.dbt_valid_to }},
            {{ snapshot_hash_arguments(['gone.' ~ columns.dbt_scd_id, now]) }} as {{ columns.dbt_scd_id }},
            'True' as {{ columns.dbt_is_deleted }}
        from gone
        left join deletes_source_data as source_data on {{ unique_key_join_on(key, "gone", "source_data") }}
    )
  {%- endif %}

    select * from insertions
    union all
    select * from updates
  {%- if follows_deletes %}
    union all
    select * from deletes
  {%- endif %}
  {%- if records_deletes %}
    union all
    select * from deletion_records
  {%- endif %}
{%- endmacro %}


{#- The condition that a state holds still. -#}
{% macro snapshot_is_current(valid_to) -%}
  {%- set current_end = config.get('dbt_valid_to_current') -%}
  {%- if current_end -%}
    ({{ equals(valid_to, current_end | trim) }} or {{ valid_to }} is null)
  {%- else -%}
    {{ valid_to }} is null
  {%- endif -%}
{%- endmacro %}
