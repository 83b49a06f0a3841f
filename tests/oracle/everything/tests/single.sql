{{ config(severity='warn', warn_if='>1') }} select * from {{ ref('m1') }} where {{ mac('1') }} = 2
