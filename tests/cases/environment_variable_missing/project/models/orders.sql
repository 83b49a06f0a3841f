select
    1 as order_id,
    '{{ env_var("SHOP_REGION") }}' as region
