{{ config(materialized='table') }}
select range as id,
    range = 3 and timestamp '{{ modules.datetime.datetime.utcnow() }}' > make_timestamp(epoch_us(now())) + interval 6 hours as is_later
from range(5)
