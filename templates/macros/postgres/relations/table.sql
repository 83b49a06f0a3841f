{#- A table with a contract is created empty, with its constraints, and then filled. An unlogged table is
    faster to write and empty after a crash. -#}
{% macro postgres__create_table_as(temporary, relation, sql) -%}
  {%- set sql_header = config.get('sql_header', none) -%}
  {%- set contract_enforced = config.get('contract').enforced -%}
  {%- if contract_enforced -%}
    {{ get_assert_columns_equivalent(sql) }}
  {%- endif -%}
  {%- set kind = 'temporary ' if temporary else ('unlogged ' if config.get('unlogged', default=false) else '') -%}

  {{ sql_header if sql_header is not none }}
  create {{ kind }}table {{ relation }}
  {%- if contract_enforced and not temporary %}
    {{ get_table_columns_and_constraints() }};
    insert into {{ relation }} ({{ adapter.dispatch('get_column_names', 'dbt')() }}) (
      {{ get_select_subquery(sql) }}
    );
  {%- else %}
  as (
    {{ sql }}
  );
  {%- endif -%}
{%- endmacro %}

{% macro postgres__get_replace_table_sql(relation, sql) -%}
  {%- set sql_header = config.get('sql_header', none) -%}
  {%- set contract_enforced = config.get('contract').enforced -%}
  {{ sql_header if sql_header is not none }}
  create or replace table {{ relation }}
  {%- if contract_enforced %}
    {{ get_assert_columns_equivalent(sql) }}
    {{ get_table_columns_and_constraints() }}
  {%- endif %}
  as (
    {{ get_select_subquery(sql) if contract_enforced else sql }}
  );
{%- endmacro %}

{% macro postgres__get_rename_table_sql(relation, new_name) -%}
  alter table {{ relation }} rename to {{ new_name }}
{%- endmacro %}

{% macro postgres__drop_table(relation) -%}
  drop table if exists {{ relation }} cascade
{%- endmacro %}
