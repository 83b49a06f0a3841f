side * side
