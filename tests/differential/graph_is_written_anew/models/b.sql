{{ config(meta={'word': 'old', 'list': [1]}) }}
select id /* {{ look_at_graph() }} */ from {{ ref('a') }}
