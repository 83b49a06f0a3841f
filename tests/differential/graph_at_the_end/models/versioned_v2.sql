select * from {{ ref('versioned', v=1) }}
