{{ config(materialized='incremental', incremental_strategy='session_window', time_column='Happened') }}
select * from (select id, happened_at as happened, {{ var('version', 1) }} as version from {{ ref('events') }})
where {{ in_session_window('happened') }}
