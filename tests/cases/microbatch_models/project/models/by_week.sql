{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='happened_at', begin='2024-01-01', batch_size='week') }}
select id, happened_at, '{{ model.batch.event_time_start }}' as batch from {{ ref('events') }}
