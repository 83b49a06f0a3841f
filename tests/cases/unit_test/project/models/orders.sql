select 'a' as customer, 1 as amount
