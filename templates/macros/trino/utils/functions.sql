{#- Cross-database functions that Trino writes in its own way. -#}

{% macro trino__any_value(expression) -%}
  min({{ expression }})
{%- endmacro %}

{% macro trino__bool_or(expression) -%}
  bool_or({{ expression }})
{%- endmacro %}

{% macro trino__safe_cast(field, type) -%}
  try_cast({{ field }} as {{ type }})
{%- endmacro %}

{% macro trino__hash(field) -%}
  lower(to_hex(md5(to_utf8(cast({{ field }} as varchar)))))
{%- endmacro %}

{#- A negative length counts from the end; a length of zero would be all of the text. -#}
{% macro trino__right(string_text, length_expression) -%}
  case when {{ length_expression }} = 0 then '' else substr({{ string_text }}, -1 * ({{ length_expression }})) end
{%- endmacro %}

{% macro trino__split_part(string_text, delimiter_text, part_number) -%}
  {%- if part_number >= 0 -%}
    {{ dbt.default__split_part(string_text, delimiter_text, part_number) }}
  {%- else -%}
    {{ dbt._split_part_negative(string_text, delimiter_text, part_number) }}
  {%- endif -%}
{%- endmacro %}

{% macro trino__listagg(measure, delimiter_text, order_by_clause, limit_num) -%}
  {%- set items = 'array_agg(' ~ measure ~ ' ' ~ (order_by_clause or '') ~ ')' -%}
  {%- set items = 'slice(' ~ items ~ ', 1, ' ~ limit_num ~ ')' if limit_num else items -%}
  {{ return('array_join(' ~ items ~ ', ' ~ delimiter_text ~ ')') }}
{%- endmacro %}
