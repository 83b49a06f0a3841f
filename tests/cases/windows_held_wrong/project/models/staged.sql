select * from {{ ref('events') }} where {{ in_session_window('moment') }}
