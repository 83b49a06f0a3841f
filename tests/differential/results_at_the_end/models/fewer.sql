select id from {{ ref('numbers') }} where id = 2 and cast(id as varchar(9)) = 'x'
