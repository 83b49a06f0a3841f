{{ config(materialized='incremental', incremental_strategy='merge', unique_key='day') }}
select {{ var('day') }} as day, {{ var('amount') }} as amount
