{{ config(materialized='incremental', incremental_strategy='append', full_refresh=false) }}

-- The books of a day as they stood when it was first closed: written once, never changed.
select
    kpis.day,
    kpis.visits,
    kpis.orders,
    kpis.revenue_euros,
    {{ utc_time(session_timestamp()) }} as closed_at
from {{ ref('daily_kpis') }} as kpis
where
    kpis.day = {{ session_day() }}
    {% if is_incremental() %}
    and not exists (
        select 1
        from {{ this }} as closed
        where closed.day = kpis.day
    )
    {% endif %}
