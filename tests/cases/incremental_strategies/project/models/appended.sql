{{ config(materialized='incremental', incremental_strategy='append') }}
select {{ var('day') }} as day, {{ var('amount') }} as amount
