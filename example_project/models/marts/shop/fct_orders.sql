{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='order_date',
        tags=['finance']
    )
}}

select
    orders.order_id,
    orders.ordered_on as order_date,
    orders.subscriber_id,
    orders.country_code,
    orders.status,
    orders.amount_euros,
    cast(round(orders.amount_euros / (1 + countries.vat_percent / 100.0), 2) as decimal(18, 2)) as net_amount_euros,
    orders.newsletter_id,
    orders.minutes_since_click,
    orders.ordered_at
from {{ ref('int_attributed_orders') }} as orders
inner join {{ ref('countries') }} as countries
    on orders.country_code = countries.country_code
{% if is_incremental() %}
where orders.ordered_on = {{ session_day() }}
{% else %}
where orders.ordered_on <= {{ session_day() }}
{% endif %}
