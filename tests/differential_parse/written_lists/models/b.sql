{{ config(pre_hook=["select 3"], tags=["in_file"]) }}
select 1 as id, {{ 1, "two" }} as pair{% for each in 1, 2 %}, {{ each }} as c{{ each }}{% endfor %}
