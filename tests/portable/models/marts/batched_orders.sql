{{ config(
    materialized='incremental',
    incremental_strategy='microbatch',
    event_time='ordered_on',
    batch_size='day',
    begin='2024-03-01',
    unique_key='order_id' if target.type == 'postgres' else none,
    partition_by={'field': 'ordered_on', 'data_type': 'date', 'granularity': 'day'} if target.type == 'bigquery' else none
) }}

select order_id, ordered_on, cents from {{ ref('stg_orders') }}
