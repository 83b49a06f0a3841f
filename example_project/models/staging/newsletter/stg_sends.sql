select
    send_id,
    newsletter_id,
    subscriber_id,
    status,
    {{ utc_time('sent_at') }} as sent_at,
    {{ local_date('sent_at') }} as sent_on
from {{ source('raw', 'sends') }}
