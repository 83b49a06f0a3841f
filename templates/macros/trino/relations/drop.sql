{%- macro trino__get_drop_sql(relation) -%}
  drop {{ relation.type | replace('_', ' ') }} if exists {{ relation }}
{%- endmacro -%}
