select range as id, timestamp '2024-03-25' + to_hours(cast(range * 5 as integer)) as happened_at from range(70)
