with own as (select * from {{ ref('one') }})
select own.id, two.id as other from own, {{ ref('two') }} as two
