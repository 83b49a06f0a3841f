select * from {{ ref('m2') }} join {{ ref('m2', v=1) }} using (id)
