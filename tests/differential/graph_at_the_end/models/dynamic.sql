{% set m = 'third' %}
select {{ context[m]() }} as a, {{ dbt.string_literal('x') }} as b{% if execute and flags.WHICH in ('build','run') %}, cast(1 as {{ dbt.type_int() }}) as c{% endif %}
