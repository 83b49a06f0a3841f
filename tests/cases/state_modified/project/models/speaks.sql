select {{ word() }} as id
