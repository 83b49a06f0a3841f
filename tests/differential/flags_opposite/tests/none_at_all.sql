{{ config(sql_header='set threads = 1;') }} select 1 as id where 1 = 0
