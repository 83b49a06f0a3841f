select id, amount * 2 as double from {{ ref('orders') }}
