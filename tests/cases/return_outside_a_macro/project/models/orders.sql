select {{ return(1) }} as id
