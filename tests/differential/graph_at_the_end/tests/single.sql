select * from {{ ref('hidden_twice') }} where id < 0
