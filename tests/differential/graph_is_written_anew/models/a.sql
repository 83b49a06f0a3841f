select 1 as id /* {{ change_graph() }} {{ look_at_graph() }} */{{ see_in_graph('a') }}
{%- if execute %}{{ only_in_runs() }}{% endif %}
