select *, '{{ run_started_at.strftime('%Y-%m-%d') }}' as started_on
from {{ ref('rows') }}
