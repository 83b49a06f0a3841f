{{ config(tags=['an']) }} select * from {{ ref('m1') }}
