power(sum(value), 2)
