select price, {{ function('with_tax') }}(price) as gross from {{ ref('prices') }}
