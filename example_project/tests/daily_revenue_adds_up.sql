-- The daily figures and the orders they are made of agree, to the cent.
with from_orders as (
    select
        order_date as day,
        sum(amount_euros) as revenue_euros
    from {{ ref('fct_orders') }}
    where status = 'paid'
    group by order_date
)

select
    daily_kpis.day,
    daily_kpis.revenue_euros,
    from_orders.revenue_euros as expected_revenue_euros
from {{ ref('daily_kpis') }} as daily_kpis
left join from_orders
    on daily_kpis.day = from_orders.day
where daily_kpis.revenue_euros != coalesce(from_orders.revenue_euros, 0)
