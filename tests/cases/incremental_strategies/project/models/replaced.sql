{{ config(materialized='incremental', incremental_strategy='delete+insert', unique_key='day') }}
select {{ var('day') }} as day, {{ var('amount') }} as amount
