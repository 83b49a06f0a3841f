{% macro get_create_view_as_sql(relation, sql) -%}
  {{ return(adapter.dispatch('get_create_view_as_sql', 'dbt')(relation, sql)) }}
{%- endmacro %}

{% macro default__get_create_view_as_sql(relation, sql) -%}
  {{ return(create_view_as(relation, sql)) }}
{%- endmacro %}


{#- The older name of the above, which adapters and projects override. -#}
{% macro create_view_as(relation, sql) -%}
  {{ return(adapter.dispatch('create_view_as', 'dbt')(relation, sql)) }}
{%- endmacro %}

{% macro default__create_view_as(relation, sql) -%}
  {%- set sql_header = config.get('sql_header', none) -%}
  {{ sql_header if sql_header is not none }}
  {%- if config.get('contract').enforced %}
    {{ get_assert_columns_equivalent(sql) }}
  {%- endif %}
  create view {{ relation.render() }} as (
    {{ sql }}
  );
{%- endmacro %}


{% macro get_replace_view_sql(relation, sql) %}
  {{ return(adapter.dispatch('get_replace_view_sql', 'dbt')(relation, sql)) }}
{% endmacro %}

{% macro default__get_replace_view_sql(relation, sql) %}
  {% do exceptions.raise_compiler_error("`get_replace_view_sql` has not been implemented for this adapter.") %}
{% endmacro %}


{% macro get_rename_view_sql(relation, new_name) %}
  {{ return(adapter.dispatch('get_rename_view_sql', 'dbt')(relation, new_name)) }}
{% endmacro %}

{% macro default__get_rename_view_sql(relation, new_name) %}
  {% do exceptions.raise_compiler_error("`get_rename_view_sql` has not been implemented for this adapter.") %}
{% endmacro %}


{% macro drop_view(relation) -%}
  {{ return(adapter.dispatch('drop_view', 'dbt')(relation)) }}
{%- endmacro %}

{% macro default__drop_view(relation) -%}
  drop view if exists {{ relation.render() }} cascade
{%- endmacro %}
