{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='activity_date',
        tags=['newsletter']
    )
}}

with activity as (
    select
        newsletter_id,
        sent_on as activity_date,
        case when status = 'delivered' then 'delivery' else 'bounce' end as kind
    from {{ ref('stg_sends') }}

    union all

    select
        sends.newsletter_id,
        engagements.occurred_on as activity_date,
        engagements.kind
    from {{ ref('stg_engagements') }} as engagements
    inner join {{ ref('stg_sends') }} as sends
        on engagements.send_id = sends.send_id
)

select
    activity_date,
    newsletter_id,
    count(*) filter (where kind = 'delivery') as deliveries,
    count(*) filter (where kind = 'bounce') as bounces,
    count(*) filter (where kind = 'open') as opens,
    count(*) filter (where kind = 'click') as clicks
from activity
{% if is_incremental() %}
where activity_date = {{ session_day() }}
{% else %}
where activity_date <= {{ session_day() }}
{% endif %}
group by activity_date, newsletter_id
