{#- DuckDB changes one column per statement. -#}
{% macro duckdb__alter_relation_add_remove_columns(relation, add_columns, remove_columns) %}
  {% for column in add_columns or [] %}
    {% do run_query(
      'alter ' ~ relation.type ~ ' ' ~ relation ~ ' add column '
      ~ api.Relation.create(identifier=column.name) ~ ' ' ~ column.data_type
    ) %}
  {% endfor %}
  {% for column in remove_columns or [] %}
    {% do run_query(
      'alter ' ~ relation.type ~ ' ' ~ relation ~ ' drop column '
      ~ api.Relation.create(identifier=column.name)
    ) %}
  {% endfor %}
{% endmacro %}


{#- Converts in place: adding, filling and removing columns of one table does not work in one transaction. -#}
{% macro duckdb__alter_column_type(relation, column_name, new_column_type) -%}
  {% call statement('alter_column_type') -%}
    alter table {{ relation.render() }} alter column {{ adapter.quote(column_name) }} type {{ new_column_type }}
  {%- endcall %}
{%- endmacro %}
