{{ config(
  materialized='incremental', incremental_strategy='microbatch', event_time='happened_at',
  begin='2024-01-01', batch_size='day', lookback=1,
  pre_hook="{{ log('before the batches', info=true) }}", post_hook="{{ log('after the batches', info=true) }}"
) }}
select id, happened_at, {{ var('version', 1) }} as version, '{{ model.batch.id }}' as batch, {{ is_incremental() }} as adds
from {{ ref('events') }}
{% if model.batch and model.batch.id == var('broken', 'none') %} where no_such_column {% endif %}
