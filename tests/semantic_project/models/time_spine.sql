select date '2023-12-01' as date_day
