select range as id, timestamp '2024-03-25' + interval (range) hour as moment from range(96)
