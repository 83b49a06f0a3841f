{{ config(materialized='incremental', incremental_strategy='session_window', time_column='moment', outside_window='drop') }}
select * from {{ ref('passed_on') }}
