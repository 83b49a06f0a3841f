select 100.0 as price union all select 200.0
