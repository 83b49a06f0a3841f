-- On which weekday does a newsletter bring the most money?
select
    {{ weekday_name('orders.order_date') }} as weekday,
    count(*) as orders,
    sum(orders.amount_euros) as revenue_euros
from {{ ref('fct_orders') }} as orders
where
    orders.newsletter_id is not null
    and orders.status = 'paid'
group by weekday
order by revenue_euros desc
