{{ config(materialized='table', alias=7, schema=12, unique_key=[1, 'id'], tags=[3, true]) }}
select 1 as id
