{{ config(materialized='incremental', on_schema_change='append_new_columns') }}
select {{ var('day') }} as day {% if is_incremental() %}, 'new' as note {% endif %}
