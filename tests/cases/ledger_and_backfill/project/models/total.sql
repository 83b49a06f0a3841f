{{ config(materialized='table') }}
select count(*) as events from {{ ref('daily') }}
