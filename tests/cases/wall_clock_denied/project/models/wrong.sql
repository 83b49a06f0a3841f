{{ config(materialized='table', wall_clock='never') }}
select 1 as id
