{{ config(post_hook="analyze {{ this }}") }}

select
    newsletter_id,
    slug,
    subject,
    category,
    scheduled_at,
    scheduled_on,
    {{ weekday_name('scheduled_on') }} as scheduled_weekday
from {{ ref('stg_newsletters') }}
where scheduled_on <= {{ session_day() }}
