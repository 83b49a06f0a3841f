select id, cast(as_text as date) as as_day, cast(moment as varchar) as moment, '{{ var("day") is string }}' as is_text
from {{ ref('values') }}
