{{ config(materialized='table') }} select 1 as id, {{ equals('null', 'null') }} as is_same
