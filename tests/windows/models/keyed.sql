{{ config(materialized='incremental', incremental_strategy='delete+insert', unique_key='id') }}
select id, happened_at, amount * 2 as twice from {{ ref('staged') }}
where {{ in_session_window('happened_at') }}
