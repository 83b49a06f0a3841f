{{ config(materialized='table', pre_hook='create temp table made_before as select 7 as id') }}
select id from made_before
