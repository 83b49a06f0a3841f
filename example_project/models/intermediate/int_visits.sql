{% set steps = ['page_view', 'add_to_cart', 'checkout', 'purchase'] %}

with events as (
    select
        *,
        lag(occurred_at) over visitor_day as previous_event_at
    from {{ ref('stg_web_events') }}
    -- A visit does not go on past midnight, so a closed day never changes.
    window visitor_day as (partition by visitor_id, occurred_on order by occurred_at, event_id)
),

numbered as (
    select
        *,
        sum(
            case
                when occurred_at - previous_event_at <= interval '{{ var('visit_timeout_minutes') }} minutes' then 0
                else 1
            end
        ) over (partition by visitor_id, occurred_on order by occurred_at, event_id) as visit_number
    from events
)

select
    visitor_id || '/' || replace(cast(occurred_on as varchar), '-', '') || '/' || cast(visit_number as varchar) as visit_id,
    visitor_id,
    occurred_on as visit_date,
    max(subscriber_id) as subscriber_id,
    {{ first_value_of('channel', 'event_id') }} as channel,
    {{ first_value_of('campaign', 'event_id') }} as campaign,
    min(occurred_at) as started_at,
    {{ dbt.datediff('min(occurred_at)', 'max(occurred_at)', 'second') }} as duration_seconds,
    {%- for step in steps %}
    count(*) filter (where event_name = '{{ step }}') as {{ step }}s{{ ',' if not loop.last }}
    {%- endfor %}
from numbered
group by visitor_id, occurred_on, visit_number
