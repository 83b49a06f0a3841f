{{ config(materialized='incremental') }}
select 1 as id, {{ stamp() }} as stamped_at
