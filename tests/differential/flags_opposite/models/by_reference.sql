{{ config(materialized='table') }} select id from {{ ref('by_extension', why='to see') }}
