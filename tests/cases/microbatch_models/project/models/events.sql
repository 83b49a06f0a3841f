{{ config(materialized='table', event_time='happened_at') }}
select cast(range as integer) as id, timestamptz '2024-01-01 00:00:00+00' + interval (range * 8) hour as happened_at from range(12)
