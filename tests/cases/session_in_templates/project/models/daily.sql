select '{{ session.time }}' as session_time, {{ session_time() }} = {{ quern.session_time() }} as is_same
from (select timestamp '2023-11-30 12:00:00' as event_at)
where {{ in_session_window('event_at') }}
-- {{ session.window.start }} to {{ session.window.end.strftime('%Y%m%d') }}, {{ session.window }}
-- {{ run_started_at }}, {{ var('scheduled_for', 'no variable') }}
