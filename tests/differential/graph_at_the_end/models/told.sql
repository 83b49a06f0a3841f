{{ config(materialized='table') }} select cast('' as varchar(20000)) as line where 1 = 0
