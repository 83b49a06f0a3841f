select 1 as id, {{ left_out.there_is_none_of_this_name() if not execute else 2 }} as amount
