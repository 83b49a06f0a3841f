{#- Two sessions that replace the same window at a time would each leave their rows: neither sees what the other
    puts in. The lock makes the second wait, and then see; who only reads is not kept waiting. -#}
{% macro postgres__get_incremental_session_window_sql(arg_dict) %}
  {{ return(
    'lock table ' ~ arg_dict['target_relation'] ~ ' in share row exclusive mode;\n\n'
    ~ default__get_incremental_session_window_sql(arg_dict)
  ) }}
{% endmacro %}
