select count(*) as orders from {{ ref('between') }}
