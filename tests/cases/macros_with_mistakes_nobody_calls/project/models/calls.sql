select {{ unfinished(1) }} as id
