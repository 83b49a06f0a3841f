select '{{ run_started_at }}' as started_at, {{ sql_now }} = {{ session_time() }} as is_now
