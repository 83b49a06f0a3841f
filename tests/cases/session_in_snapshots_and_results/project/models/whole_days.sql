{{ config(grain='hour', time_column='day', time_column_type='date', enabled=var('hourly', false)) }}
select date '2024-01-01' as day where {{ in_session_window('day') }}
