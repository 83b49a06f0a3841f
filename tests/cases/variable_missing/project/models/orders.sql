select '{{ var("session_time") }}' as built_for
