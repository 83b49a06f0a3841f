{{ config(
  materialized='incremental', incremental_strategy='microbatch', event_time='happened_at', concurrent_batches=true,
  begin='2023-12-28', batch_size='day', lookback=9, enabled=var('many', false)
) }}
select id, happened_at, {{ var('version', 1) }} as version, '{{ model.batch.id }}' as batch,
  {{ is_incremental() }} as adds, '{{ model.batch.event_time_end.strftime("%d.%m.") }}' as until
from {{ ref('events') }}
