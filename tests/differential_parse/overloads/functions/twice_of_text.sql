select {{ function('area') }}(value) * (select max(side) from {{ ref('shapes') }} where side in (select side from {{ ref('shapes') }}))
