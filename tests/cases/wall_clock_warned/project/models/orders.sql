{{ config(materialized='incremental', unique_key='id') }}
select
    id,
    now() as loaded_at,
    uuid() as row_id,
    {{ stamp() }} as stamped_at
from {{ ref('staged') }}
{% if is_incremental() %}
where day >= current_date - 1
{% endif %}
