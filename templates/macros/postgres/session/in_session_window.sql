{#- A literal without a type takes that of the column it is compared with: a moment heeds the offset, a clock
    without a zone and a date leave it out. -#}
{% macro postgres__untyped_time_window_predicate(column, window_start, window_end) %}
  {{ return(
    '(' ~ column ~ " >= '" ~ window_start.isoformat(' ') ~ "' and "
    ~ column ~ " < '" ~ window_end.isoformat(' ') ~ "')"
  ) }}
{% endmacro %}
