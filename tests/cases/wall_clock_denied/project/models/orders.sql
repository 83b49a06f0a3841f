{{ config(materialized='incremental') }}
select 1 as id, random() as chance, nextval('numbers') as number
