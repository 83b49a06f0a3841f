{% macro duckdb__drop_relation(relation) -%}
  {% call statement('drop_relation', auto_begin=False) -%}
    drop {{ relation.type }} if exists {{ relation }}{{ ' cascade' if not duckdb__is_ducklake(relation) }}
  {%- endcall %}
{%- endmacro %}
