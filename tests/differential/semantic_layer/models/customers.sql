select 1 as id, cast('2023-01-01' as date) as joined_at, 'a' as kind
