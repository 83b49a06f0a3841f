select 1 as id, 1 as order_id, date '2020-01-01' as paid_at, 'x' as method, 5 as amount
