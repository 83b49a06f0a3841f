select side * side
