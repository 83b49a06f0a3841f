{{ config(materialized='table', grain='year') }}
select
    {{ quern.session_window_start() }} as starts_at,
    {{ quern.session_window_end('timestamp') }} as ends_at
