{{ config(meta={'word': 'old', 'list': [1]}) }}
select id, '{{ macros_of_runs() }}' as macros_of_runs /* {{ look_at_graph() }} */ from {{ ref('a') }}
