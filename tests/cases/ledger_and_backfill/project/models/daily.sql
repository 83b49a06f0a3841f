{{ config(materialized='incremental', incremental_strategy='session_window', time_column='happened_at') }}
select * from {{ ref('events') }} where {{ in_session_window('happened_at') }}
