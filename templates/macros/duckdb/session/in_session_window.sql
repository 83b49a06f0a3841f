{#- DuckDB knows the type of a column when it reads the statement: the half that does not apply falls away before
    the query runs, and the other is pushed into the scan. -#}
{% macro duckdb__untyped_time_window_predicate(column, window_start, window_end) %}
  {%- set is_moment = "typeof(" ~ column ~ ") = 'TIMESTAMP WITH TIME ZONE'" -%}
  {{ return(
    '(' ~ is_moment ~ ' and ' ~ default__time_window_predicate(column, window_start, window_end, 'timestamptz')
    ~ ' or not ' ~ is_moment ~ ' and ' ~ default__time_window_predicate(column, window_start, window_end, 'timestamp') ~ ')'
  ) }}
{% endmacro %}
