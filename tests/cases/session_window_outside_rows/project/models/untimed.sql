{{ config(materialized='incremental', incremental_strategy='session_window', time_column='when_it_was') }}
select 1 as id, date '2024-01-01' as happened
