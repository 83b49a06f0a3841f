select * from {{ ref('a') }} where {{ env_var('CONDITION', 'no such column') }}
