{{ config(tags=['finance']) }}

select
    newsletters.newsletter_id,
    newsletters.slug,
    newsletters.category,
    performance.deliveries,
    performance.clicks,
    count(orders.order_id) as orders,
    coalesce(sum(orders.amount_euros), 0) as revenue_euros,
    round(coalesce(sum(orders.amount_euros), 0) / nullif(performance.deliveries, 0), 2) as revenue_per_delivery_euros
from {{ ref('dim_newsletters') }} as newsletters
inner join {{ ref('newsletter_performance') }} as performance
    on newsletters.newsletter_id = performance.newsletter_id
left join {{ ref('fct_orders') }} as orders
    on newsletters.newsletter_id = orders.newsletter_id
    and orders.status = 'paid'
    and orders.order_date <= {{ session_day() }}
group by
    newsletters.newsletter_id,
    newsletters.slug,
    newsletters.category,
    performance.deliveries,
    performance.clicks
