{{ config(severity='warn', tags=['x', 1], meta={'k': 1}, alias='kept') }} select 1 as id where false
