select * from (values
    (1, 'a', timestamp '2024-01-01'),
    (2, '{{ var("name", "b") }}', timestamp '{{ var("changed", "2024-01-01") }}')
) as customers (id, name, updated_at)
