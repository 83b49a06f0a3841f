{#- Stops the build of a model whose query does not yield exactly the columns of its contract: the same
    names, any order, the same types. Yields no SQL when all is well. -#}
{%- macro get_assert_columns_equivalent(sql) -%}
  {{ return(adapter.dispatch('get_assert_columns_equivalent', 'dbt')(sql)) }}
{%- endmacro -%}

{% macro default__get_assert_columns_equivalent(sql) -%}
  {{ return(assert_columns_equivalent(sql)) }}
{%- endmacro %}

{% macro assert_columns_equivalent(sql) -%}
  {%- if not model['columns'] -%}
    {%- do exceptions.raise_contract_error([], []) -%}
  {%- endif -%}

  {#- both sides are asked of the database, so that synonyms of a type are the same type -#}
  {%- set query_columns = format_columns(
    get_column_schema_from_query(sql, config.get('sql_header', none))
  ) -%}
  {%- set contract_columns = format_columns(
    get_column_schema_from_query(get_empty_schema_sql(model['columns']))
  ) -%}

  {%- set promised = {} -%}
  {%- for column in contract_columns -%}
    {%- if column['name'] not in promised -%}
      {%- do promised.update({column['name']: column['formatted']}) -%}
    {%- endif -%}
  {%- endfor -%}

  {%- if query_columns | length != contract_columns | length -%}
    {%- do exceptions.raise_contract_error(contract_columns, query_columns) -%}
  {%- endif -%}
  {%- for column in query_columns if promised.get(column['name']) != column['formatted'] -%}
    {%- do exceptions.raise_contract_error(contract_columns, query_columns) -%}
  {%- endfor -%}
{%- endmacro %}


{#- Columns in the form in which contracts are compared and their differences shown. -#}
{% macro format_columns(columns) %}
  {% set formatted = [] %}
  {% for column in columns %}
    {% do formatted.append(adapter.dispatch('format_column', 'dbt')(column)) %}
  {% endfor %}
  {{ return(formatted) }}
{% endmacro %}

{% macro default__format_column(column) -%}
  {{ return({
    'name': column.name,
    'data_type': column.dtype,
    'formatted': column.column.lower() ~ ' ' ~ column.dtype
  }) }}
{%- endmacro %}
