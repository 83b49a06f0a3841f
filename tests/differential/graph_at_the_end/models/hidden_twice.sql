{{ config(materialized='ephemeral', tags=['x']) }} select id + 1 as id, name from {{ ref('hidden') }}
