select '{{ "orders" | uper }}' as name
