{#- Lets packages tell the generations of dbt apart by the version that is announced to them. -#}
{% macro is_core_v2() -%}
  {{ return((dbt_version.split('.') | first | int) == 2) }}
{%- endmacro %}
