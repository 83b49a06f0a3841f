select {{ dbt_utils.generate_surrogate_key(['1']) }} as order_key
