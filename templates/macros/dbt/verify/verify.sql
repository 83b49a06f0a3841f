{#- What `quern verify` does in the warehouse: a model is built twice into scratch tables that are compared. -#}

{#- How many threads the connection may use; none for as many as before. -#}
{% macro quern_use_threads(count) %}
  {{ return(adapter.dispatch('quern_use_threads', 'dbt')(count)) }}
{% endmacro %}

{% macro default__quern_use_threads(count) %}
{% endmacro %}


{% macro quern_build_scratch(relation, query) %}
  {%- do quern_drop_scratch(relation) -%}
  {%- set session_window = session_window_model(query) -%}
  {%- call statement('quern_build_scratch') -%}
    {{ config.get('sql_header') or '' }}
    create table {{ relation }} as
    {{ session_window.sql if session_window else query }}
  {%- endcall -%}
  {%- do check_session_window(session_window, relation) -%}
  {%- do adapter.commit() -%}
{% endmacro %}

{% macro quern_drop_scratch(relation) %}
  {%- call statement('quern_drop_scratch') -%}
    drop table if exists {{ relation }}
  {%- endcall -%}
  {%- do adapter.commit() -%}
{% endmacro %}


{#- The number of rows and a checksum of them all, whatever their order. -#}
{% macro quern_table_checksum(relation) %}
  {%- set columns = adapter.get_columns_in_relation(relation) | map(attribute='quoted') | list -%}
  {{ return(run_query(
    'select count(*) as row_count, ' ~ quern_rows_checksum(columns) ~ ' as checksum from ' ~ relation ~ ' as compared'
  )) }}
{% endmacro %}

{#- An aggregate over the rows of `compared`. -#}
{% macro quern_rows_checksum(columns) %}
  {{ return(adapter.dispatch('quern_rows_checksum', 'dbt')(columns)) }}
{% endmacro %}

{% macro default__quern_rows_checksum(columns) %}
  {%- do exceptions.raise_not_implemented('quern verify is not implemented for adapter ' ~ adapter.type()) -%}
{% endmacro %}

{% macro bigquery__quern_rows_checksum(columns) %}
  {{ return('cast(sum(cast(farm_fingerprint(to_json_string(compared)) as bignumeric)) as string)') }}
{% endmacro %}

{% macro trino__quern_rows_checksum(columns) %}
  {{ return('to_hex(checksum(row(' ~ columns | join(', ') ~ ')))') }}
{% endmacro %}


{#- Rows that one of the tables has more often than the other: in which build, how often there, and the row. -#}
{% macro quern_table_difference(first, second, limit) %}
  {%- set columns = adapter.get_columns_in_relation(first) | map(attribute='quoted') | join(', ') -%}
  {%- set counted_first -%}
    select count(*) as row_count, {{ columns }} from {{ first }} group by {{ columns }}
  {%- endset -%}
  {%- set counted_second -%}
    select count(*) as row_count, {{ columns }} from {{ second }} group by {{ columns }}
  {%- endset -%}
  {{ return(run_query(
    'select * from ('
    ~ 'select 1 as build, only_first.* from (' ~ counted_first ~ ' ' ~ except() ~ ' ' ~ counted_second ~ ') as only_first'
    ~ ' union all '
    ~ 'select 2 as build, only_second.* from (' ~ counted_second ~ ' ' ~ except() ~ ' ' ~ counted_first ~ ') as only_second'
    ~ ') as differing order by 3, 1 limit ' ~ limit
  )) }}
{% endmacro %}
