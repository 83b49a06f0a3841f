{#- Reads a date out of text; the message names the format that was expected. -#}
{% macro convert_datetime(date_str, date_fmt) %}
  {% set mismatch = "The provided partition date '" ~ date_str ~ "' does not match the expected format '" ~ date_fmt ~ "'" %}
  {{ return(try_or_compiler_error(
    mismatch, modules.datetime.datetime.strptime, date_str.strip(), date_fmt
  )) }}
{% endmacro %}


{#- Every day from the first date to the last, both included. -#}
{% macro dates_in_range(start_date_str, end_date_str=none, in_fmt="%Y%m%d", out_fmt="%Y%m%d") %}
  {% set first_day = convert_datetime(start_date_str, in_fmt) %}
  {% set last_day = first_day if end_date_str is none else convert_datetime(end_date_str, in_fmt) %}
  {% set distance = (last_day - first_day).days %}

  {% if distance < 0 %}
    {% do exceptions.raise_compiler_error(
      "Partition start date is after the end date (" ~ first_day ~ ", " ~ last_day ~ ")", model
    ) %}
  {% endif %}

  {% set days = [] %}
  {% for offset in range(distance + 1) %}
    {% set day = first_day + modules.datetime.timedelta(days=offset) %}
    {% do days.append(day.strftime(out_fmt) if out_fmt else day) %}
  {% endfor %}
  {{ return(days) }}
{% endmacro %}


{#- The same, from one text: a date, or two dates with a comma between them. -#}
{% macro partition_range(raw_partition_date, date_fmt='%Y%m%d') %}
  {% set bounds = (raw_partition_date | string).split(",") %}
  {% if (bounds | length) > 2 %}
    {% do exceptions.raise_compiler_error(
      "Invalid partition time. Expected format: {Start Date}[,{End Date}]. Got: " ~ raw_partition_date
    ) %}
  {% endif %}
  {% set last_bound = bounds[1] if (bounds | length) == 2 else none %}
  {{ return(dates_in_range(bounds[0], last_bound, in_fmt=date_fmt)) }}
{% endmacro %}


{#- The present moment as digits, down to the microsecond: makes the names of temporary relations unique. -#}
{% macro py_current_timestring() %}
  {% do return(modules.datetime.datetime.now().strftime("%Y%m%d%H%M%S%f")) %}
{% endmacro %}
