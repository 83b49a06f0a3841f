{#- One of the parts of a text between delimiters, counted from one. -#}
{% macro split_part(string_text, delimiter_text, part_number) %}
  {{ return(adapter.dispatch('split_part', 'dbt')(string_text, delimiter_text, part_number)) }}
{% endmacro %}

{% macro default__split_part(string_text, delimiter_text, part_number) -%}
  split_part({{ string_text }}, {{ delimiter_text }}, {{ part_number }})
{%- endmacro %}


{#- Counts from the end, for databases whose function cannot: the number of parts is the number of
    delimiters and one. -#}
{% macro _split_part_negative(string_text, delimiter_text, part_number) -%}
  split_part(
      {{ string_text }},
      {{ delimiter_text }},
      length({{ string_text }})
      - length(replace({{ string_text }}, {{ delimiter_text }}, '')) + 2 + {{ part_number }}
  )
{%- endmacro %}
