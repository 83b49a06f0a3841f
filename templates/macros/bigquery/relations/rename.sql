{% macro bigquery__rename_relation(from_relation, to_relation) -%}
  {% do adapter.rename_table(from_relation, to_relation) %}
{%- endmacro %}

{% macro bigquery__get_rename_table_sql(relation, new_name) -%}
  alter table {{ relation }} rename to {{ new_name }}
{%- endmacro %}

{% macro bigquery__get_rename_view_sql(relation, new_name) -%}
  alter view {{ relation }} rename to {{ new_name }}
{%- endmacro %}
