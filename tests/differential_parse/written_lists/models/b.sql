{{ config(pre_hook=["select 3"], tags=["in_file"], turned=not 1 in [2], part=[1, 2][0:1],
  chosen='x' if not 'a' in 'b' else 'y') }}
select 1 as id, {{ 1, "two" }} as pair{% for each in 1, 2 %}, {{ each }} as c{{ each }}{% endfor %}
