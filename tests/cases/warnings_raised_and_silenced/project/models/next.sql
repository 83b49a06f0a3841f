select * from {{ ref('careful') }}
