{{ config(materialized='table', post_hook="{{ hooked() }}", pre_hook=["{% if execute %}{{ inner_one() }}{% else %}select 1{% endif %}"], meta={'a': var('flag')}) }}
select a.id, b.name, {% if execute %}{{ third() }}{% else %}0{% endif %} as three, cast('2024-01-01' as timestamp) as day from {{ ref('hidden') }} a join {{ ref('hidden_twice') }} b using (id)
