select id from range(3) as t(id) where random() >= 0
