{% set found = run_query('select 1 as id union all select 2 order by 1') %}
{% set days = dates_in_range('20240101', '20240103') %}
select '{{ days | join(' ') }}' as days, '{{ builtins.keys() | length > 10 }}' as has_names
{% if execute %}
where 1 in {{ found.columns[0].values() }} and {{ found.rows[1].values()[0] }} in {{ found.columns['id'].values() }}
{% endif %}
