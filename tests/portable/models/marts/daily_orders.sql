{{ config(materialized='incremental', incremental_strategy='merge', unique_key='ordered_on') }}

select
    ordered_on,
    count(*) as orders,
    sum(cents) as cents
from {{ ref('stg_orders') }}
{% if is_incremental() %}
where ordered_on >= (select max(ordered_on) from {{ this }})
{% endif %}
group by ordered_on
