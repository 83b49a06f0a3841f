{{ config(materialized='table') }}
select sum(events) as events, sum(amount) as amount from {{ ref('daily') }}
