{{ config(materialized='incremental', incremental_strategy='microbatch', batch_size='fortnight', enabled=var('wrong', false)) }}
select 1 as id
