select customer_name from {{ ref('customer_totals') }} where cents > 1000
