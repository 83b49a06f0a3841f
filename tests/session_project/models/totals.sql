{{ config(materialized='table') }}
-- What stands in the variable breaks the statement, as a network or a column that is gone would.
select count(*) as days, sum(events) as events {{ env_var('EVENTS_FAILURE', '') }}
from {{ ref('daily') }}
