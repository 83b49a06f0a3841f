{#- All rows the model yields and all rows that are expected, told apart by a last column. -#}
{% macro get_unit_test_sql(main_sql, expected_fixture_sql, expected_column_names) -%}
  {{ return(adapter.dispatch('get_unit_test_sql', 'dbt')(
    main_sql, expected_fixture_sql, expected_column_names
  )) }}
{%- endmacro %}

{% macro default__get_unit_test_sql(main_sql, expected_fixture_sql, expected_column_names) -%}
{%- set columns_csv = expected_column_names | join(', ') -%}
{%- set side = adapter.quote('actual_or_expected') -%}
with dbt_internal_unit_test_actual as (
    select {{ columns_csv }}, {{ dbt.string_literal('actual') }} as {{ side }}
    from (
        {{ main_sql }}
    ) _dbt_internal_unit_test_actual
),

dbt_internal_unit_test_expected as (
    select {{ columns_csv }}, {{ dbt.string_literal('expected') }} as {{ side }}
    from (
        {{ expected_fixture_sql }}
    ) _dbt_internal_unit_test_expected
)

select * from dbt_internal_unit_test_actual
union all
select * from dbt_internal_unit_test_expected
{%- endmacro %}
