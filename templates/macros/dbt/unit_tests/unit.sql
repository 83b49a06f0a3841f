{#- Runs a unit test: the model's query over its fixtures, beside the rows that are expected. The names
    and types of the columns come from an empty temporary table made of the query. -#}
{% materialization unit, default %}

  {%- set sql_header = config.get('sql_header') if flags.REQUIRE_SQL_HEADER_IN_TEST_CONFIGS else none -%}
  {%- set expected_rows = config.get('expected_rows') -%}
  {%- set expected_sql = config.get('expected_sql') -%}
  {%- set tested_names = expected_rows[0].keys() | list if expected_rows else get_columns_in_query(sql) -%}

  {%- set temp_relation = make_temp_relation(this.incorporate(type='table')) -%}
  {% do run_query(get_create_table_as_sql(True, temp_relation, get_empty_subquery_sql(sql))) %}
  {%- set data_types = {} -%}
  {%- set quoted_names = {} -%}
  {%- for column in adapter.get_columns_in_relation(temp_relation) -%}
    {%- do data_types.update({column.name | lower: column.data_type}) -%}
    {%- do quoted_names.update({column.name | lower: column.quoted}) -%}
  {%- endfor -%}

  {%- set tested_columns = [] -%}
  {%- for name in tested_names -%}
    {%- do tested_columns.append(quoted_names[name | lower]) -%}
  {%- endfor -%}

  {% if not expected_sql %}
    {% set expected_sql = get_expected_sql(expected_rows, data_types, quoted_names) %}
  {% endif %}
  {%- set unit_test_sql = get_unit_test_sql(sql, expected_sql, tested_columns) -%}

  {% call statement('main', fetch_result=True) -%}
    {{ sql_header if sql_header }}
    {{ unit_test_sql }}
  {%- endcall %}

  {% do adapter.drop_relation(temp_relation) %}

  {{ return({'relations': []}) }}

{% endmaterialization %}
