select {{ run_query('select 42 as n').columns[0].values()[0] if execute else 0 }} as n
