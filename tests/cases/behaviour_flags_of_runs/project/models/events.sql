{{ config(materialized='table', event_time='happened_at') }}
select timestamp '2024-01-01' as happened_at union all select timestamp '2024-01-02'
