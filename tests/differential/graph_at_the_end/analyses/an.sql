select * from {{ ref('hidden_twice') }}, {{ ref('uses') }}
