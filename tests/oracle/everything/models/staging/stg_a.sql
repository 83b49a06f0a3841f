{{ config(alias='sa', tags=['x', 'y'], meta={'k': 'v', 'n': ['a']}) }}
select * from {{ source('raw', 'a') }}
