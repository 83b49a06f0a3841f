select * from (values (1), (1), (null)) as orders (order_id)
