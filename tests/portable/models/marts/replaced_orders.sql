{{ config(
    materialized='incremental',
    incremental_strategy='insert_overwrite' if target.type == 'bigquery' else 'delete+insert',
    unique_key=none if target.type == 'bigquery' else 'ordered_on',
    partition_by={'field': 'ordered_on', 'data_type': 'date'} if target.type == 'bigquery' else none
) }}

select order_id, ordered_on, cents
from {{ ref('stg_orders') }}
{% if is_incremental() %}
where ordered_on >= (select max(ordered_on) from {{ this }})
{% endif %}
