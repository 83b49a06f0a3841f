{{ config(materialized='incremental', incremental_strategy='session_window', time_column='Happened') }}
select * from (select id, strftime(happened_at at time zone 'Europe/Berlin', '%Y-%m-%d') as happened, {{ var('version', 1) }} as version from {{ ref('events') }})
where {{ in_session_window('happened', type='text') }}
