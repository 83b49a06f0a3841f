{#- `bind: false` makes a late-binding view, which outlives the tables it reads and need not find them when it is made. -#}
{% macro redshift__create_view_as(relation, sql) -%}
  {%- set sql_header = config.get('sql_header', none) -%}
  {{ sql_header if sql_header is not none }}
  {%- if config.get('contract').enforced %}
  {{ get_assert_columns_equivalent(sql) }}
  {%- endif %}
  create view {{ relation }} as (
    {{ sql }}
  ) {{ 'with no schema binding' if config.get('bind', default=true) == false }};
{%- endmacro %}

{% macro redshift__get_rename_view_sql(relation, new_name) -%}
  alter table {{ relation }} rename to {{ new_name }}
{%- endmacro %}

{#- A view cannot be replaced by one with other columns; renames are as good. -#}
{% macro redshift__get_replace_view_sql(relation, sql) -%}
  {{ get_create_view_as_sql(relation, sql) }}
{%- endmacro %}
