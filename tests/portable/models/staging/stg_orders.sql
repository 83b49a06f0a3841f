{{ config(event_time='ordered_on') }}

select
    id as order_id,
    customer_id,
    {{ function('cents_of') }}(coalesce(amount, 0)) as cents,
    status,
    cast({{ dbt.date_trunc('day', 'ordered_at') }} as date) as ordered_on
from {{ source('shop', 'raw_orders') }}
where id <= {{ var('last_order', 13) }}
