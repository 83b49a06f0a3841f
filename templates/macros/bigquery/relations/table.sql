{#- A table in one statement, which BigQuery makes or replaces as a whole. A table partitioned by the
    time of loading has no query: its rows are inserted afterwards. -#}
{% macro bigquery__create_table_as(temporary, relation, compiled_code, language='sql') -%}
  {%- if language != 'sql' -%}
    {%- do exceptions.raise_compiler_error("Python models are not supported: write the model in SQL") -%}
  {%- endif -%}
  {%- set catalog = config.get('catalog_name', none) or config.get('catalog', none) -%}
  {%- if catalog not in [none, 'info_schema'] -%}
    {%- do exceptions.raise_compiler_error("the catalog `" ~ catalog ~ "` cannot be used: tables are written without catalogs") -%}
  {%- endif -%}
  {%- set partition_config = adapter.parse_partition_by(config.get('partition_by', none)) -%}
  {%- set sql_header = config.get('sql_header', none) -%}
  {%- set is_by_ingestion = partition_config is not none and partition_config.time_ingestion_partitioning -%}
  {%- set query = compiled_code -%}
  {%- if temporary -%}
    {#- a table like any other, which goes by itself only after hours -#}
    {%- do adapter.drop_after_failure(relation) -%}
  {%- endif -%}

  {{ sql_header if sql_header is not none }}

  create or replace table {{ relation }}
  {% if config.get('contract').enforced -%}
    {{ get_assert_columns_equivalent(compiled_code) }}
    {{ get_table_columns_and_constraints() }}
    {%- set query = get_select_subquery(compiled_code) %}
  {%- elif is_by_ingestion -%}
    {%- set columns = get_columns_with_types_in_query_sql(compiled_code) -%}
    ({{ columns_without_partition_fields_csv(partition_config, columns) }})
  {%- endif %}
  {{ partition_by(partition_config) }}
  {{ cluster_by(config.get('cluster_by', none)) }}
  {{ bigquery_table_options(config, model, temporary) }}
  {%- if not is_by_ingestion %}
  as (
    {{ query }}
  );
  {%- endif %}
{%- endmacro %}


{#- Fields of structs come in the order of the contract, as the table has them. -#}
{% macro bigquery__get_select_subquery(sql) %}
    select {{ adapter.dispatch('get_column_names', 'dbt')() }}
    from (
        {{ sql }}
    ) as model_subq
{%- endmacro %}

{% macro bigquery__get_column_names() -%}
  {%- for column in adapter.nest_column_data_types(model['columns']).values() -%}
    {%- set name = adapter.quote(column['name']) if column.get('quote') else column['name'] -%}
    {{ api.Column.get_struct_select_expression(name, column.get('data_type') or '') }}{{ ', ' if not loop.last }}
  {%- endfor -%}
{%- endmacro %}

{% macro bigquery__get_empty_schema_sql(columns) %}
  {%- set untyped = [] -%}
  {%- for column in columns.values() if not column['data_type'] -%}
    {%- do untyped.append(column['name']) -%}
  {%- endfor -%}
  {%- if untyped -%}
    {{ exceptions.column_type_missing(column_names=untyped) }}
  {%- endif -%}
  {{ return(dbt.default__get_empty_schema_sql(adapter.nest_column_data_types(columns))) }}
{% endmacro %}

{#- The whole type counts, with what is inside of structs and lists. -#}
{% macro bigquery__format_column(column) -%}
  {{ return({
    'name': column.name,
    'data_type': column.data_type,
    'formatted': column.column.lower() ~ ' ' ~ column.data_type
  }) }}
{%- endmacro %}

{% macro bigquery__get_replace_table_sql(relation, sql) %}
  {{ return(create_table_as(False, relation, sql)) }}
{% endmacro %}
