{{ config(materialized='incremental', incremental_strategy='session_window', time_column='day') }}
select cast(happened_at as date) as day, count(*) as events, sum(amount) as amount
from {{ ref('staged') }}
where {{ in_session_window('happened_at') }}
group by 1
