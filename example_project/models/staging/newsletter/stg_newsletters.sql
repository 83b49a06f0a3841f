select
    newsletter_id,
    slug,
    subject,
    category,
    {{ utc_time('scheduled_at') }} as scheduled_at,
    {{ local_date('scheduled_at') }} as scheduled_on
from {{ source('raw', 'newsletters') }}
