{{ config(materialized='incremental', incremental_strategy='session_window', time_column='moment', unique_key='id') }}
select * from {{ ref('events') }} where {{ in_session_window('moment') }}
