{{ config(materialized='ephemeral') }}

-- Every day the session knows about.
select cast(days.day as date) as day
from
    generate_series(
        timestamp '{{ var("first_day") }}',
        cast({{ session_day() }} as timestamp),
        interval '1 day'
    ) as days (day)
