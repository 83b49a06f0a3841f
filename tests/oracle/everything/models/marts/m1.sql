select * from {{ ref('stg_a') }} join {{ ref('stg_a') }} on true join {{ ref('small', 'stg_b') }} on true
