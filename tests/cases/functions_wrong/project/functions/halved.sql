value / 2
