{# Order 12 is paid a day after the first build. #}
{% set is_paid_now = 'id = 12 and ' ~ var('last_order', 13) ~ ' > 13' %}
select
    id as order_id,
    case when {{ is_paid_now }} then 'paid' else status end as status,
    case when {{ is_paid_now }} then {{ dbt.dateadd('day', 1, 'ordered_at') }} else ordered_at end as changed_at
from {{ source('shop', 'raw_orders') }}
