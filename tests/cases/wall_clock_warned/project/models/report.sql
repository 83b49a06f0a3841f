select *, current_timestamp as printed_at from {{ ref('orders') }}
