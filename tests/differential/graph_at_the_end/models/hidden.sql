{{ config(materialized='ephemeral') }} select * from {{ ref('numbers') }}
