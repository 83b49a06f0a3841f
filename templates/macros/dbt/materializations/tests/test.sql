{#- Runs a data test: one row that says how many failures there are and whether that is a warning or
    an error. Stored failures are written first and then counted where they stand, so that the query
    runs once. -#}
{% materialization test, default %}

  {%- set relations = [] -%}
  {%- set sql_header = config.get('sql_header') if flags.REQUIRE_SQL_HEADER_IN_TEST_CONFIGS else none -%}
  {%- set failing_rows_sql = get_limit_subquery_sql(sql, config.get('limit')) -%}

  {% if should_store_failures() %}
    {%- set identifier = model['alias'] -%}
    {%- set existing_relation = adapter.get_relation(
      database=database, schema=schema, identifier=identifier
    ) -%}

    {#- the flag of the command leaves this config none -#}
    {%- set store_failures_as = config.get('store_failures_as') or 'table' -%}
    {%- if store_failures_as not in ['table', 'view'] -%}
      {%- do exceptions.raise_compiler_error(
        "'" ~ store_failures_as ~ "' is not a valid value for `store_failures_as`. "
        ~ "Accepted values are: ['ephemeral', 'table', 'view']"
      ) -%}
    {%- endif -%}
    {%- set target_relation = api.Relation.create(
      identifier=identifier, schema=schema, database=database, type=store_failures_as
    ) -%}

    {%- if existing_relation -%}{%- do adapter.drop_relation(existing_relation) -%}{%- endif -%}
    {% call statement(auto_begin=True) %}
      {{ sql_header if sql_header }}
      {{ get_create_sql(target_relation, failing_rows_sql) }}
    {% endcall %}
    {% do adapter.commit() %}

    {% do relations.append(target_relation) %}
    {% set failing_rows_sql = 'select * from ' ~ target_relation %}
  {% endif %}

  {% call statement('main', fetch_result=True) -%}
    {{ sql_header if sql_header }}
    {#- the rows are limited already -#}
    {{ get_test_sql(
      failing_rows_sql, config.get('fail_calc'), config.get('warn_if'), config.get('error_if'), limit=none
    ) }}
  {%- endcall %}

  {{ return({'relations': relations}) }}

{% endmaterialization %}
