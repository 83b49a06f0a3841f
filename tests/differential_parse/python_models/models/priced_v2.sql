select 2 as price
