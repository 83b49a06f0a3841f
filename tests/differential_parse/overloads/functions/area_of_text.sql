select length(value) + (select count(*)::integer from {{ ref('shapes') }})
