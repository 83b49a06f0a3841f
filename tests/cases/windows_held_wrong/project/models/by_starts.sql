{{ config(materialized='incremental', incremental_strategy='delete+insert', unique_key='id') }}
select * from {{ ref('events') }}
where moment >= {{ session_window_start('timestamp') }} and moment < {{ session_window_end('timestamp') }}
