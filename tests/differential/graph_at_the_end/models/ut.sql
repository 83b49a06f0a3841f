select id, name as nm from {{ ref('numbers') }}
