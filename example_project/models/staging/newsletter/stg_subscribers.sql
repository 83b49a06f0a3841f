with source as (
    select * from {{ source('raw', 'subscribers') }}
)

select
    subscriber_id,
    first_name,
    lower(email) as email,
    country_code,
    signup_source,
    {{ utc_time('subscribed_at') }} as subscribed_at,
    {{ local_date('subscribed_at') }} as subscribed_on,
    {{ utc_time('unsubscribed_at') }} as unsubscribed_at,
    {{ local_date('unsubscribed_at') }} as unsubscribed_on
from source
