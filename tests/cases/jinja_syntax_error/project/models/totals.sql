select {{ ref('orders' }} as total
