{{ config(schema='none', materialized='table') }} select 1 as id
