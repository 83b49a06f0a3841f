{{
    config(
        materialized='incremental',
        incremental_strategy='merge',
        unique_key='newsletter_id',
        tags=['newsletter']
    )
}}

{% set deliveries = "count(*) filter (where outcomes.status = 'delivered')" %}
{% set opens = "count(*) filter (where outcomes.opened_on <= " ~ session_day() ~ ")" %}
{% set clicks = "count(*) filter (where outcomes.clicked_on <= " ~ session_day() ~ ")" %}

-- One row per newsletter, rewritten on each day on which somebody received, opened or clicked it.
with touched as (
    select
        days.newsletter_id,
        max(days.activity_date) as measured_through
    from {{ ref('fct_newsletter_days') }} as days
    where
        days.activity_date <= {{ session_day() }}
        {% if is_incremental() %}
        -- A session run again later does not take the figures back in time.
        and not exists (
            select 1
            from {{ this }} as measured
            where
                measured.newsletter_id = days.newsletter_id
                and measured.measured_through > {{ session_day() }}
        )
        {% endif %}
    group by days.newsletter_id
    {% if is_incremental() %}
    having max(days.activity_date) = {{ session_day() }}
    {% endif %}
)

select
    outcomes.newsletter_id,
    {{ deliveries }} as deliveries,
    {{ opens }} as opens,
    {{ clicks }} as clicks,
    {{ share_of(opens, deliveries) }} as open_rate,
    {{ share_of(clicks, deliveries) }} as click_rate,
    touched.measured_through
from {{ ref('int_send_outcomes') }} as outcomes
inner join touched
    on outcomes.newsletter_id = touched.newsletter_id
where outcomes.sent_on <= {{ session_day() }}
group by
    outcomes.newsletter_id,
    touched.measured_through
