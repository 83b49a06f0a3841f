{#- Cross-database functions that BigQuery writes in its own way. -#}

{% macro bigquery__array_append(array, new_element) -%}
  {{ array_concat(array, array_construct([new_element])) }}
{%- endmacro %}

{% macro bigquery__array_concat(array_1, array_2) -%}
  array_concat({{ array_1 }}, {{ array_2 }})
{%- endmacro %}

{#- Without elements only the type says what kind of list it is. -#}
{% macro bigquery__array_construct(inputs, data_type) -%}
  {%- if inputs -%}
  [{{ inputs | join(', ') }}]
  {%- else -%}
  array<{{ data_type }}>[]
  {%- endif -%}
{%- endmacro %}

{% macro bigquery__bool_or(expression) -%}
  logical_or({{ expression }})
{%- endmacro %}

{% macro bigquery__equals(expr1, expr2) -%}
  {%- if adapter.behavior.enable_truthy_nulls_equals_macro.no_warn -%}
    ({{ expr1 }} is not distinct from {{ expr2 }})
  {%- else -%}
    ({{ expr1 }} = {{ expr2 }})
  {%- endif -%}
{%- endmacro %}

{#- A quote inside of a text is escaped by a backslash. -#}
{% macro bigquery__escape_single_quotes(expression) -%}
{{ expression | replace("'", "\\'") }}
{%- endmacro %}

{% macro bigquery__except() %}
  except distinct
{% endmacro %}

{% macro bigquery__intersect() %}
  intersect distinct
{% endmacro %}

{% macro bigquery__hash(field) -%}
  to_hex({{ dbt.default__hash(field) }})
{%- endmacro %}

{% macro bigquery__listagg(measure, delimiter_text, order_by_clause, limit_num) -%}
  string_agg({{ measure }}, {{ delimiter_text }} {{ order_by_clause or '' }} {{ 'limit ' ~ limit_num if limit_num }})
{%- endmacro %}

{% macro bigquery__position(substring_text, string_text) -%}
  strpos({{ string_text }}, {{ substring_text }})
{%- endmacro %}

{#- A start of 0 would mean the whole text. -#}
{% macro bigquery__right(string_text, length_expression) -%}
  case when {{ length_expression }} = 0 then '' else substr({{ string_text }}, -1 * ({{ length_expression }})) end
{%- endmacro %}

{#- Parts count from 1, or from the end for negative numbers. -#}
{% macro bigquery__split_part(string_text, delimiter_text, part_number) -%}
  {%- if part_number >= 0 -%}
    split({{ string_text }}, {{ delimiter_text }})[safe_offset({{ part_number - 1 }})]
  {%- else -%}
    split({{ string_text }}, {{ delimiter_text }})[safe_offset(
      length({{ string_text }}) - length(replace({{ string_text }}, {{ delimiter_text }}, '')) + 1 + {{ part_number }}
    )]
  {%- endif -%}
{%- endmacro %}

{#- Three quotes: the text may hold single ones and span lines. -#}
{% macro bigquery__string_literal(value) -%}
    '''{{ value }}'''
{%- endmacro %}
