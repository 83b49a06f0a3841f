with clicks as (
    select
        sends.subscriber_id,
        sends.newsletter_id,
        engagements.engagement_id,
        engagements.occurred_at as clicked_at
    from {{ ref('stg_engagements') }} as engagements
    inner join {{ ref('stg_sends') }} as sends
        on engagements.send_id = sends.send_id
    where engagements.kind = 'click'
),

candidates as (
    select
        orders.*,
        clicks.newsletter_id,
        clicks.clicked_at,
        row_number() over (
            partition by orders.order_id
            order by clicks.clicked_at desc nulls last, clicks.engagement_id desc nulls last
        ) as click_rank
    from {{ ref('stg_orders') }} as orders
    left join clicks
        on orders.subscriber_id = clicks.subscriber_id
        and clicks.clicked_at <= orders.ordered_at
        and clicks.clicked_at > orders.ordered_at - interval '{{ var('attribution_window_days') }} days'
)

select
    order_id,
    subscriber_id,
    country_code,
    status,
    amount_euros,
    ordered_at,
    ordered_on,
    newsletter_id,
    {{ dbt.datediff('clicked_at', 'ordered_at', 'minute') }} as minutes_since_click
from candidates
where click_rank = 1
