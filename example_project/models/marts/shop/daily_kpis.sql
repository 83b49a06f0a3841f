{{ config(tags=['finance', 'newsletter']) }}

with orders as (
    select
        order_date as day,
        count(*) as orders,
        sum(amount_euros) as revenue_euros,
        count(newsletter_id) as newsletter_orders
    from {{ ref('fct_orders') }}
    where status = 'paid'
    group by order_date
),

visits as (
    select
        visit_date as day,
        count(*) as visits,
        count(*) filter (where is_conversion) as conversions
    from {{ ref('fct_visits') }}
    group by visit_date
),

newsletters as (
    select
        activity_date as day,
        sum(deliveries) as deliveries,
        sum(clicks) as clicks
    from {{ ref('fct_newsletter_days') }}
    group by activity_date
)

select
    days.day,
    coalesce(visits.visits, 0) as visits,
    {{ share_of('visits.conversions', 'visits.visits') }} as conversion_rate,
    coalesce(orders.orders, 0) as orders,
    coalesce(orders.newsletter_orders, 0) as newsletter_orders,
    coalesce(orders.revenue_euros, 0) as revenue_euros,
    cast(coalesce(newsletters.deliveries, 0) as bigint) as deliveries,
    cast(coalesce(newsletters.clicks, 0) as bigint) as clicks
from {{ ref('int_days') }} as days
left join orders on days.day = orders.day
left join visits on days.day = visits.day
left join newsletters on days.day = newsletters.day
