{#- The columns of the contract with their types and constraints, as `create table` wants them. -#}
{%- macro get_table_columns_and_constraints() -%}
  {{ return(adapter.dispatch('get_table_columns_and_constraints', 'dbt')()) }}
{%- endmacro -%}

{% macro default__get_table_columns_and_constraints() -%}
  {{ return(table_columns_and_constraints()) }}
{%- endmacro %}

{% macro table_columns_and_constraints() %}
  {%- set column_lines = adapter.render_raw_columns_constraints(raw_columns=model['columns']) -%}
  {%- set model_lines = adapter.render_raw_model_constraints(raw_constraints=model['constraints']) -%}
    (
    {%- for line in column_lines + model_lines %}
    {{ line }}{{ ',' if not loop.last }}
    {%- endfor %}
    )
{%- endmacro %}
