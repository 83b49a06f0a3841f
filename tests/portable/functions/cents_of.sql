{% if target.type == 'postgres' %}select {% endif %}cast(round(amount * 100) as {{ dbt.type_int() }})
