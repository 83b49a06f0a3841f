select
    id as order_id,
    customer_id,
    cast(round(coalesce(amount, 0) * 100) as {{ dbt.type_int() }}) as cents,
    status,
    cast({{ dbt.date_trunc('day', 'ordered_at') }} as date) as ordered_on
from {{ source('shop', 'raw_orders') }}
where id <= {{ var('last_order', 13) }}
