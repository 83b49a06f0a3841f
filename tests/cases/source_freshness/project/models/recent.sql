select * from {{ source('raw', 'recent') }}
