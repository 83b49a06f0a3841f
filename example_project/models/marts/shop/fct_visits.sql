{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='visit_date',
        on_schema_change='append_new_columns'
    )
}}

select
    visit_id,
    visit_date,
    visitor_id,
    subscriber_id,
    channel,
    campaign,
    started_at,
    duration_seconds,
    page_views,
    add_to_carts,
    checkouts,
    purchases,
    purchases > 0 as is_conversion
from {{ ref('int_visits') }}
{% if is_incremental() %}
where visit_date = {{ session_day() }}
{% else %}
where visit_date <= {{ session_day() }}
{% endif %}
