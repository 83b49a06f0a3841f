with first_engagements as (
    select
        send_id,
        min(occurred_on) filter (where kind = 'open') as opened_on,
        min(occurred_on) filter (where kind = 'click') as clicked_on
    from {{ ref('stg_engagements') }}
    group by send_id
)

select
    sends.send_id,
    sends.newsletter_id,
    sends.subscriber_id,
    sends.status,
    sends.sent_on,
    first_engagements.opened_on,
    first_engagements.clicked_on
from {{ ref('stg_sends') }} as sends
left join first_engagements
    on sends.send_id = first_engagements.send_id
