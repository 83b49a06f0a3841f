{#- The dispatching macro takes the layout of a DuckLake table too. -#}
{% macro create_table_as(temporary, relation, compiled_code, language='sql', partitioned_by=none, sorted_by=none) -%}
  {{ return(adapter.dispatch('create_table_as', 'dbt')(
    temporary, relation, compiled_code, language, partitioned_by=partitioned_by, sorted_by=sorted_by
  )) }}
{%- endmacro %}

{#- A table with a contract, or with a layout, is created empty and then filled: constraints and layout
    can only be said of an empty table. Temporary tables have neither. -#}
{% macro duckdb__create_table_as(temporary, relation, compiled_code, language='sql', partitioned_by=none, sorted_by=none) -%}
  {%- if language == 'python' -%}
    {{ return(py_write_table(temporary, relation, compiled_code, partitioned_by, sorted_by)) }}
  {%- elif language != 'sql' -%}
    {%- do exceptions.raise_compiler_error(
      "duckdb__create_table_as macro didn't get supported language, it got " ~ language
    ) -%}
  {%- endif -%}
  {%- set sql_header = config.get('sql_header', none) -%}
  {%- set contract_enforced = config.get('contract').enforced -%}
  {%- if contract_enforced -%}
    {{ get_assert_columns_equivalent(compiled_code) }}
  {%- endif -%}

  {{ sql_header if sql_header is not none }}
  create {{ 'or replace temporary ' if temporary }}table
    {{ relation.include(database=(not temporary), schema=(not temporary)) }}
  {%- if contract_enforced and not temporary %}
    {{ get_table_columns_and_constraints() }};
    {{ duckdb__set_table_layout_sql(relation, partitioned_by, sorted_by) }}
    insert into {{ relation }} {{ get_column_names() }} (
      {{ get_select_subquery(compiled_code) }}
    );
  {%- elif partitioned_by or sorted_by %}
  as (
    select * from (
      {{ compiled_code }}
    ) as model_subq
    limit 0
  );
    {{ duckdb__set_table_layout_sql(relation, partitioned_by, sorted_by) }}
    insert into {{ relation }}
    select * from (
      {{ compiled_code }}
    ) as model_subq;
  {%- else %}
  as (
    {{ compiled_code }}
  );
  {%- endif -%}
{%- endmacro %}


{#- The columns of the contract as the target list of an insert. -#}
{% macro get_column_names() -%}
  ({{ adapter.dispatch('get_column_names', 'dbt')() }})
{%- endmacro %}
