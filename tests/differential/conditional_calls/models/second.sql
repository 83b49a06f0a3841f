{#- Of a conditional expression only what is taken counts. -#}
{{ config(materialized='view', on_error='continue', tags=['never']) if var('never', false) else config(materialized='table', tags=['always']) }}
select id
from {{ ref('second') if 1 > 2 else ref('first') }}
