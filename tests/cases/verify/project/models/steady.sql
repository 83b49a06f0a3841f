{{ config(materialized='incremental', incremental_strategy='session_window', time_column='day') }}
select date '2024-03-31' as day, range as id from range(5)
