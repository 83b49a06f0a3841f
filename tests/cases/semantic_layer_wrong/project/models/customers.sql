select 2 as customer_id, date '2023-11-01' as joined_on, 'de' as country
