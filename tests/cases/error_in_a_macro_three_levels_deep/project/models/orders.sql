select
    1 as order_id,
    {{ outer_one(-1) }} as amount
