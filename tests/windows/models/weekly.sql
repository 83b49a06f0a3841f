{{ config(materialized='incremental', incremental_strategy='session_window', time_column='week', grain='week') }}
select cast(date_trunc('week', happened_at) as date) as week, count(*) as events
from {{ ref('staged') }}
where {{ in_session_window('happened_at') }}
group by 1
