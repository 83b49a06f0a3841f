{% do remember('me') %}select '{{ context.get("remembered", "nobody") }}' as who
