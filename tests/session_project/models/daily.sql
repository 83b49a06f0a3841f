{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='happened_on'
) }}
select happened_on, count(*) as events, {{ quern.session_time() }} as built_for
from {{ ref('events_typed') }}
where {{ quern.in_session_window('happened_at') }}
group by happened_on
