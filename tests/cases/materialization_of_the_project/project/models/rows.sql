{{ config(materialized='counted') }}
select * from range(42)
