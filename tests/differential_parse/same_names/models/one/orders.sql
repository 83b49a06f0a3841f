select {{ shifted(1) }} as id, '{{ var("shop", "a") }}' as shop
