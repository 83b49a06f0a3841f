select
    subscribers.subscriber_id,
    subscribers.first_name,
    subscribers.email,
    subscribers.country_code,
    countries.country_name,
    countries.region,
    subscribers.signup_source,
    subscribers.subscribed_on,
    case
        when subscribers.unsubscribed_on <= {{ session_day() }} then subscribers.unsubscribed_on
    end as unsubscribed_on,
    coalesce(subscribers.unsubscribed_on <= {{ session_day() }}, false) as is_unsubscribed
from {{ ref('stg_subscribers') }} as subscribers
inner join {{ ref('countries') }} as countries
    on subscribers.country_code = countries.country_code
where subscribers.subscribed_on <= {{ session_day() }}
