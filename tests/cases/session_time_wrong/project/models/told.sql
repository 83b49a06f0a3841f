select '{{ session.time }}' as at
