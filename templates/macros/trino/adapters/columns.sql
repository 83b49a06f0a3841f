{#- As in dbt-trino, the first word of a type is compared with a contract: the server itself refuses what does
    not fit the column. -#}
{% macro trino__format_column(column) -%}
  {%- set data_type = trino__first_word(column.dtype) -%}
  {{ return({
    'name': column.name, 'data_type': data_type, 'formatted': column.column | lower ~ ' ' ~ data_type
  }) }}
{%- endmacro %}

{% macro trino__first_word(data_type) %}
  {{ return((data_type or '').split(' ')[0].split('(')[0]) }}
{% endmacro %}


{#- One column is changed by each statement. -#}
{% macro trino__alter_relation_add_remove_columns(relation, add_columns, remove_columns) %}
  {%- set kind = (relation.type or 'table') | replace('_', ' ') -%}
  {% for column in add_columns or [] %}
    {% do run_query(
      'alter ' ~ kind ~ ' ' ~ relation ~ ' add column ' ~ column.quoted ~ ' ' ~ column.data_type
    ) %}
  {% endfor %}
  {% for column in remove_columns or [] %}
    {% do run_query('alter ' ~ kind ~ ' ' ~ relation ~ ' drop column ' ~ column.quoted) %}
  {% endfor %}
{% endmacro %}


{#- Few connectors change a type in place, and only to a wider one: the values are copied through a
    second column. The column then stands last. -#}
{% macro trino__alter_column_type(relation, column_name, new_column_type) -%}
  {%- set column = adapter.quote(column_name) -%}
  {%- set copy = adapter.quote(column_name ~ '__dbt_alter') -%}
  {% call statement('alter_column_type') %}
    alter table {{ relation }} add column {{ copy }} {{ new_column_type }};
    update {{ relation }} set {{ copy }} = cast({{ column }} as {{ new_column_type }});
    alter table {{ relation }} drop column {{ column }};
    alter table {{ relation }} rename column {{ copy }} to {{ column }}
  {% endcall %}
{%- endmacro %}
