{#- The names of the columns that a snapshot adds to those of its query. The config
    `snapshot_table_column_names` changes them. -#}
{% macro get_snapshot_table_column_names() %}
  {{ return({
    'dbt_valid_to': 'dbt_valid_to',
    'dbt_valid_from': 'dbt_valid_from',
    'dbt_scd_id': 'dbt_scd_id',
    'dbt_updated_at': 'dbt_updated_at',
    'dbt_is_deleted': 'dbt_is_deleted'
  }) }}
{% endmacro %}


{#- The end of a state that holds: null, or what `dbt_valid_to_current` says. The first argument of
    coalesce is always null and gives the column its type. -#}
{% macro get_dbt_valid_to_current(strategy, columns) -%}
  coalesce(nullif({{ strategy.updated_at }}, {{ strategy.updated_at }}), {{ config.get('dbt_valid_to_current') or 'null' }})
  as {{ columns.dbt_valid_to }}
{%- endmacro %}


{#- Adds columns that the query has and the snapshot does not. -#}
{% macro create_columns(relation, columns) %}
  {{ return(adapter.dispatch('create_columns', 'dbt')(relation, columns)) }}
{% endmacro %}

{% macro default__create_columns(relation, columns) %}
  {% for column in columns %}
    {% call statement() %}
      alter table {{ relation.render() }} add column {{ adapter.quote(column.name) }} {{ column.expanded_data_type }};
    {% endcall %}
  {% endfor %}
{% endmacro %}


{#- Warns when the rows' times and the snapshot's own have different types: comparing them may then
    mean a change of time zone. -#}
{% macro check_time_data_types(sql) %}
  {% set updated_at_type = get_updated_at_column_data_type(sql) %}
  {% set snapshot_time_type = get_snapshot_get_time_data_type() %}
  {% if updated_at_type is not none and snapshot_time_type is not none and updated_at_type != snapshot_time_type %}
    {% do exceptions.warn_snapshot_timestamp_data_types(snapshot_time_type, updated_at_type) %}
  {% endif %}
{% endmacro %}

{% macro get_updated_at_column_data_type(snapshot_sql) %}
  {% for column in get_column_schema_from_query(snapshot_sql) if column.column | lower == 'dbt_updated_at' %}
    {{ return(column.dtype or none) }}
  {% endfor %}
  {{ return(none) }}
{% endmacro %}


{#- A condition that is always true. -#}
{% macro get_true_sql() %}
  {{ return(adapter.dispatch('get_true_sql', 'dbt')()) }}
{% endmacro %}

{% macro default__get_true_sql() %}
  {{ return('TRUE') }}
{% endmacro %}
