select {{ modules.itertools.chain([1], [2]) | list | length }} as id
