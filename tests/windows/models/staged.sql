-- What the clocks of the shop showed, beside the moment.
{{ config(event_time='event_at') }}
select id, event_at, event_at + interval '9 hours' as happened_at, amount from {{ ref('events') }}
