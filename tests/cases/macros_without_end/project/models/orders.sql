select {{ ping() }} as order_id
