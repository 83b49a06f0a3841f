{#- The values of a group as one text. `delimiter_text` is SQL; `order_by_clause` starts with
    `order by`; `limit_num` takes the first values only. -#}
{% macro listagg(measure, delimiter_text="','", order_by_clause=none, limit_num=none) -%}
  {{ return(adapter.dispatch('listagg', 'dbt')(measure, delimiter_text, order_by_clause, limit_num)) }}
{%- endmacro %}

{% macro default__listagg(measure, delimiter_text, order_by_clause, limit_num) -%}
  {%- set ordering = 'within group (' ~ order_by_clause ~ ')' if order_by_clause else '' -%}
  {%- if limit_num -%}
  array_to_string(
      array_slice(array_agg({{ measure }}) {{ ordering }}, 0, {{ limit_num }}),
      {{ delimiter_text }}
  )
  {%- else -%}
  listagg({{ measure }}, {{ delimiter_text }}) {{ ordering }}
  {%- endif -%}
{%- endmacro %}
