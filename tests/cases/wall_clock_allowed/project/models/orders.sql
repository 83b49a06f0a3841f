{{ config(materialized='incremental') }}
-- now() in a comment, and {{ invocation_id }} too
select
    1 as id,
    'now()' as text,
    now() as loaded_at, -- quern: allow wall_clock
    {# quern: allow wall_clock #}
    '{{ invocation_id }}' as invocation,
    '{{ run_started_at }}' as started_at,
    age(date '2023-12-01', date '2023-11-30') as age
from {{ ref('audited') }}
{% if target.name == 'laptop' %}
where day > current_date - 3
{% endif %}
