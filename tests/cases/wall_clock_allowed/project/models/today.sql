select current_date as today
