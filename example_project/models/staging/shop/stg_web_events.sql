select
    event_id,
    visitor_id,
    subscriber_id,
    event_name,
    page_path,
    channel,
    campaign,
    {{ utc_time('occurred_at') }} as occurred_at,
    {{ local_date('occurred_at') }} as occurred_on
from {{ source('raw', 'web_events') }}
