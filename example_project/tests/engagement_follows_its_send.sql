{{ config(tags=['newsletter'], severity='error') }}

-- Nobody opens what was not sent yet.
select
    engagements.engagement_id,
    engagements.occurred_at,
    sends.sent_at
from {{ ref('stg_engagements') }} as engagements
inner join {{ ref('stg_sends') }} as sends
    on engagements.send_id = sends.send_id
where engagements.occurred_at < sends.sent_at
