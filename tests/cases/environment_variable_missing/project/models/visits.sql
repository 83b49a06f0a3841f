select '{{ env_var("SHOP_COUNTRY", "jp") }}' as country
