select * from {{ ref('asks') }}
