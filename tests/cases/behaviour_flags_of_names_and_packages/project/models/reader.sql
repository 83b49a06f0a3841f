select * from {{ ref('plain', why='to have it') }}
