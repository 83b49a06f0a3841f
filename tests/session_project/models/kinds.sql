{{ config(materialized='table', lookback=1) }}
{% set conditions = {
    'timestamp': quern.in_session_window('happened_at'),
    'moment': quern.in_session_window('happened_at_moment'),
    'date': quern.in_session_window('happened_on', type='date'),
    'text': quern.in_session_window('partition_day', type='text', format='%Y%m%d'),
    'epoch': quern.in_session_window('happened_at_seconds', type='epoch'),
    'utc': quern.in_session_window('happened_at', timezone='UTC'),
} %}
{% for kind, condition in conditions.items() %}
select '{{ kind }}' as kind, count(*) as events, min(id) as first_id, max(id) as last_id
from {{ ref('events_typed') }} where {{ condition }}
{{ 'union all' if not loop.last }}
{% endfor %}
