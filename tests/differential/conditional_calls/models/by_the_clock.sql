{#- The clock goes on from look to look, and names are made of it. -#}
{% set names = [] %}
{% for each in range(5) %}{% do names.append(modules.datetime.datetime.utcnow().strftime('%H%M%S%f')) %}{% endfor %}
select {{ names | unique | list | length > 1 or not execute }} as differ, {{ [7, 7] | random }} as any_of_them
