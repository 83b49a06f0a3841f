select
    engagement_id,
    send_id,
    kind,
    link_url,
    {{ utc_time('occurred_at') }} as occurred_at,
    {{ local_date('occurred_at') }} as occurred_on
from {{ source('raw', 'engagements') }}
