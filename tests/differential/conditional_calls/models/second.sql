{#- Of a conditional expression only what is taken counts. -#}
{{ config(materialized='view', on_error='continue', tags=['never']) if var('never', false) else config(materialized='table', tags=['always']) }}
select id, '{{ builtins.local_md5('a') }}' as hash, {{ context.get('set')([1, 1]) | length }} as size
from {{ ref('second') if 1 > 2 else ref('first') }}
