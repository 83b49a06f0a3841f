{{ config(materialized='table', event_time='at') }}
select timestamp '2024-01-01' as at union all select timestamp '2024-01-02'
