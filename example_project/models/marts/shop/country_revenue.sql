{{ config(tags=['finance']) }}

select
    countries.country_code,
    countries.country_name,
    countries.region,
    count(orders.order_id) as orders,
    coalesce(sum(orders.amount_euros), 0) as revenue_euros,
    coalesce(sum(orders.net_amount_euros), 0) as net_revenue_euros
from {{ ref('countries') }} as countries
left join {{ ref('fct_orders') }} as orders
    on countries.country_code = orders.country_code
    and orders.status = 'paid'
    and orders.order_date <= {{ session_day() }}
group by
    countries.country_code,
    countries.country_name,
    countries.region
