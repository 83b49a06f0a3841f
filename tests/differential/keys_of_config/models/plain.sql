{{ config(tags=9) }} select id from {{ ref('everything') }}
