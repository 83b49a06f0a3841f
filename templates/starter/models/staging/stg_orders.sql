select
    order_id,
    customer,
    cast(ordered_at as timestamp) as ordered_at,
    cast(amount_cents as decimal(18, 2)) / 100 as amount,
    status
from {{ ref('raw_orders') }}
