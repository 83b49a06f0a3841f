{{ config(materialized='incremental', incremental_strategy='session_window', time_column='Happened') }}
select * from (select id, happened_at at time zone 'Europe/Berlin' as happened, {{ var('version', 1) }} as version from {{ ref('events') }})
where {{ in_session_window('happened') }}
