{{ config(materialized='table', incremental_strategy='session_window', time_column='moment') }}
select * from {{ ref('events') }}
