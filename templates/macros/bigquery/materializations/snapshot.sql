{% macro bigquery__snapshot_hash_arguments(args) -%}
  to_hex(md5(concat(
    {%- for argument in args -%}
      coalesce(cast({{ argument }} as string), ''){{ ", '|', " if not loop.last }}
    {%- endfor -%}
  )))
{%- endmacro %}

{% macro bigquery__create_columns(relation, columns) %}
  {% do adapter.alter_table_add_columns(relation, columns) %}
{% endmacro %}

{#- What is temporary is a table like any other here. -#}
{% macro bigquery__post_snapshot(staging_relation) %}
  {% do adapter.drop_relation(staging_relation) %}
{% endmacro %}
