{{ config(materialized='table') }} select 1 as id, cast('2024-01-01' as date) as ordered_on, 2 as amount
