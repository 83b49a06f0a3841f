select
    id as customer_id,
    name as customer_name,
    {# The second run moves one of them, which the snapshot notices. #}
    case when id = 2 then '{{ var('moved_to') }}' else country end as country,
    cast(signed_up as date) as signed_up
from {{ ref('raw_customers') }}
