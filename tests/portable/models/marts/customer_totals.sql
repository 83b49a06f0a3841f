{{ config(materialized='table', post_hook="{{ write_journal('customer_totals') }}") }}

select
    customers.customer_id,
    customers.customer_name,
    count(orders.order_id) as orders,
    coalesce(sum(orders.cents), 0) as cents,
    {{ dbt.datediff('min(customers.signed_up)', 'max(orders.ordered_on)', 'day') }} as days
from {{ ref('stg_customers') }} as customers
left join {{ ref('paid_orders') }} as orders on orders.customer_id = customers.customer_id
group by customers.customer_id, customers.customer_name
