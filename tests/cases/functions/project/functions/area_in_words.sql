width * height || ' ' || unit
