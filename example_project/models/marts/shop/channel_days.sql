{% set channels = var('channels') %}

select
    visit_date as day,
    {%- for channel in channels %}
    count(*) filter (where channel = '{{ channel }}') as {{ channel }}_visits,
    count(*) filter (where channel = '{{ channel }}' and is_conversion) as {{ channel }}_conversions,
    {%- endfor %}
    count(*) as visits
from {{ ref('fct_visits') }}
where visit_date <= {{ session_day() }}
group by visit_date
