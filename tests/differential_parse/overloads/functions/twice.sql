select {{ function('area') }}(side) * 2
