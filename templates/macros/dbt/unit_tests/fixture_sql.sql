{#- The query that stands for an input of a unit test. Columns that a row leaves out are null; names and
    types are those of the relation in the warehouse, here or, if it is not here, where it is deferred to. -#}
{% macro get_fixture_sql(rows, column_name_to_data_types) %}
  {%- set data_types = column_name_to_data_types or {} -%}
  {%- set quoted_names = {} -%}
  {%- if not data_types -%}
    {%- set data_types = {} -%}
    {%- set known_relation = defer_relation if defer_relation and not load_relation(this) else this -%}
    {%- for column in adapter.get_columns_in_relation(known_relation) -%}
      {%- do data_types.update({column.name | lower: column.data_type}) -%}
      {%- do quoted_names.update({column.name | lower: column.quoted}) -%}
    {%- endfor -%}
  {%- endif -%}
  {%- if not data_types -%}
    {%- do exceptions.raise_compiler_error(
      "Not able to get columns for unit test '" ~ model.name ~ "' from relation " ~ this
      ~ " because the relation doesn't exist"
    ) -%}
  {%- endif -%}

  {%- set nulls = {} -%}
  {%- for name, data_type in data_types.items() -%}
    {%- do nulls.update({name: safe_cast('null', data_type) | trim}) -%}
  {%- endfor -%}

  {%- do validate_fixture_rows(rows, row_number) -%}
-- Fixture for {{ model.name }}
  {%- for row in rows %}
    {%- set values = nulls.copy() -%}
    {%- do values.update(format_row(row, data_types)) %}
select {{ fixture_select_list(values, quoted_names) }}
    {%- if not loop.last %}
union all
    {%- endif -%}
  {%- else %}
select {{ fixture_select_list(nulls, quoted_names) }}
limit 0
  {%- endfor %}
{% endmacro %}


{#- The query that stands for the rows a unit test expects. -#}
{% macro get_expected_sql(rows, column_name_to_data_types, column_name_to_quoted) %}
  {%- for row in rows -%}
select {{ fixture_select_list(format_row(row, column_name_to_data_types), column_name_to_quoted) }}
    {%- if not loop.last %}
union all
    {% endif -%}
  {%- else -%}
select * from dbt_internal_unit_test_actual
limit 0
  {%- endfor -%}
{% endmacro %}


{#- `value as name` for each column of one row. -#}
{% macro fixture_select_list(values, quoted_names) -%}
  {%- for name, value in values.items() -%}
    {{ value }} as {{ quoted_names.get(name, name) }}{{ ', ' if not loop.last }}
  {%- endfor -%}
{%- endmacro %}


{#- One row with lower-case names and its values as SQL of the right type. -#}
{%- macro format_row(row, column_name_to_data_types) -%}
  {%- set formatted = {} -%}
  {%- for given_name, value in row.items() -%}
    {%- set name = given_name | lower -%}
    {%- if name not in column_name_to_data_types -%}
      {%- set fixture = 'expected output' if model.resource_type == 'unit_test' else "'" ~ model.name ~ "'" -%}
      {%- do exceptions.raise_compiler_error(
        "Invalid column name: '" ~ name ~ "' in unit test fixture for " ~ fixture ~ "."
        ~ "\nAccepted columns for " ~ fixture ~ " are: " ~ (column_name_to_data_types.keys() | list)
      ) -%}
    {%- endif -%}

    {%- set data_type = column_name_to_data_types[name] -%}
    {%- if value is string -%}
      {#- a cast to a length would cut the text without a word -#}
      {%- set data_type = data_type.split('(')[0] if 'varying' in data_type or data_type.startswith('varchar(') else data_type -%}
      {%- set value_sql = dbt.string_literal(dbt.escape_single_quotes(value)) -%}
    {%- elif value is none -%}
      {%- set value_sql = 'null' -%}
    {%- else -%}
      {%- set value_sql = value -%}
    {%- endif -%}
    {%- do formatted.update({name: safe_cast(value_sql, data_type)}) -%}
  {%- endfor -%}
  {{ return(formatted) }}
{%- endmacro -%}


{#- For adapters that want every row checked. -#}
{%- macro validate_fixture_rows(rows, row_number) -%}
  {{ return(adapter.dispatch('validate_fixture_rows', 'dbt')(rows, row_number)) }}
{%- endmacro -%}

{%- macro default__validate_fixture_rows(rows, row_number) -%}
{%- endmacro -%}
