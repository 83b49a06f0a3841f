{{ config(materialized='table') }} select cast('' as varchar(4000)) as line where 1 = 0
