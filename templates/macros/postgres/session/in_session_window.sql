{#- A literal without a type takes that of the column it is compared with: a moment heeds the offset, a clock
    without a zone and a date leave it out. Texts would be compared as texts: of them no year can be told, which is
    an error before anything is read. -#}
{% macro postgres__untyped_time_window_predicate(column, window_start, window_end) %}
  {{ return(
    '(' ~ column ~ " >= '" ~ window_start.isoformat(' ') ~ "' and "
    ~ column ~ " < '" ~ window_end.isoformat(' ') ~ "'"
    ~ " and /* of texts: in_session_window(…, type='text') */ extract(year from " ~ column ~ ") is not null)"
  ) }}
{% endmacro %}
