with orders as (
    select
        subscriber_id,
        count(*) as orders,
        sum(amount_euros) as revenue_euros,
        max(order_date) as last_order_date
    from {{ ref('fct_orders') }}
    where
        status = 'paid'
        and order_date <= {{ session_day() }}
    group by subscriber_id
),

visits as (
    select
        subscriber_id,
        count(*) as visits
    from {{ ref('fct_visits') }}
    where
        subscriber_id is not null
        and visit_date <= {{ session_day() }}
    group by subscriber_id
)

select
    subscribers.subscriber_id,
    subscribers.first_name,
    subscribers.region,
    subscribers.is_unsubscribed,
    coalesce(visits.visits, 0) as visits,
    coalesce(orders.orders, 0) as orders,
    coalesce(orders.revenue_euros, 0) as revenue_euros,
    orders.last_order_date,
    case
        when orders.orders > 1 then 'regular'
        when orders.orders = 1 then 'customer'
        when visits.visits > 0 then 'visitor'
        else 'reader'
    end as segment
from {{ ref('dim_subscribers') }} as subscribers
left join orders
    on subscribers.subscriber_id = orders.subscriber_id
left join visits
    on subscribers.subscriber_id = visits.subscriber_id
