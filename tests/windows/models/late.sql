{{ config(materialized='incremental', incremental_strategy='session_window', time_column='day', lookback=2) }}
select day, amount / events as mean from {{ ref('daily') }}
where {{ in_session_window('day') }}
