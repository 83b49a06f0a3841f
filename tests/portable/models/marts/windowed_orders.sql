{{ config(
    materialized='incremental',
    incremental_strategy='session_window',
    time_column='ordered_on',
    grain='day'
) }}

select order_id, ordered_on, cents
from {{ ref('stg_orders') }}
where {{ quern.in_session_window('ordered_on', type='date') }}
