select
    order_id,
    subscriber_id,
    country_code,
    status,
    {{ cents_to_euros('amount_cents') }} as amount_euros,
    {{ utc_time('ordered_at') }} as ordered_at,
    {{ local_date('ordered_at') }} as ordered_on
from {{ source('raw', 'orders') }}
