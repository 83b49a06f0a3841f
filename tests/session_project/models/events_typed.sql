select
    id,
    happened_at,
    timezone('Europe/Berlin', happened_at::timestamp) as happened_at_moment,
    happened_at::date as happened_on,
    strftime(happened_at, '%Y%m%d') as partition_day,
    epoch(timezone('Europe/Berlin', happened_at::timestamp))::bigint as happened_at_seconds
from {{ ref('events') }}
