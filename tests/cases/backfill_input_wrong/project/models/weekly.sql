{{ config(materialized='incremental', incremental_strategy='session_window', time_column='week', grain='week') }}
select date '2024-03-25' as week
