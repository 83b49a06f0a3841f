select 1 as order_id, 2 as customer_id, date '2023-12-01' as ordered_on, 10.0 as amount, 'web' as channel
