{{ config(materialized='incremental', incremental_strategy='session_window', time_column='day') }}
select {{ session_window_start('date') }} as day, now() as loaded_at
