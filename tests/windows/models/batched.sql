{{ config(
    materialized='incremental', incremental_strategy='microbatch', event_time='event_at', batch_size='day',
    begin='2023-11-01', lookback=0, unique_key='id' if target.type == 'postgres' else none
) }}
select id, event_at, amount from {{ ref('staged') }}
