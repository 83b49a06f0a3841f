{{ config(grain='week', offset=-1, time_column='partition_day', time_column_type='text', time_column_format='%Y%m%d') }}
select * from (select '20231115' as partition_day)
where {{ in_session_window('partition_day') }}
  and {{ in_session_window("date '2023-11-15'", type='date') }}
  and {{ in_session_window("timestamptz '2023-11-15 00:00:00Z'", type='timestamptz') }}
  and {{ in_session_window("1700000000", type='epoch') }}
  and {{ in_session_window("timestamp '2023-11-15 00:00:00'", type='timestamp', timezone='UTC') }}
