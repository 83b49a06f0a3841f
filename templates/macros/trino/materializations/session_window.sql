{#- Where the connector keeps a `merge` whole or not at all, and refuses one that another got in the way of, the window is
    replaced by one: nobody sees it empty, and of two sessions that replace it at a time one is told to try again.
    Elsewhere, as in Hive's catalogs, it is deleted and inserted.

    Of the source's rows one stands for all that go, and is the only one to match. Rows of the table are joined by a value
    that is the same for all of the window, because a join without one compares each row with each; the keys of new rows
    lie apart from it, at random, so that they spread over the workers. -#}
{% macro trino__get_incremental_session_window_sql(arg_dict) %}
  {%- set target = arg_dict['target_relation'] -%}
  {%- if arg_dict['incremental_predicates'] or not trino__keeps_merges_whole(target.database) -%}
    {{ return(default__get_incremental_session_window_sql(arg_dict)) }}
  {%- endif -%}
  {%- set window = arg_dict['session_window'] -%}
  {%- set predicate = window.predicate | replace(window.column, 'DBT_INTERNAL_DEST.' ~ window.column) -%}
  {%- set names = arg_dict['dest_columns'] | map(attribute='quoted') | list -%}
  {%- set values = [] -%}
  {%- set nothing = [] -%}
  {%- for name in names -%}
    {%- do values.append('DBT_INTERNAL_SOURCE.' ~ name) -%}
    {%- do nothing.append('null') -%}
  {%- endfor -%}
  {%- set sql -%}
    merge into {{ target }} as DBT_INTERNAL_DEST
    using (
        select -1 - random(1000000) as quern_key, {{ names | join(', ') }}
        from {{ arg_dict['temp_relation'] }}
        union all
        select 1, {{ nothing | join(', ') }}
    ) as DBT_INTERNAL_SOURCE
    on DBT_INTERNAL_SOURCE.quern_key = if({{ predicate }}, 1, 0)
    and {{ predicate }}
    when matched then delete
    when not matched and DBT_INTERNAL_SOURCE.quern_key < 0 then insert
        ({{ names | join(', ') }})
    values
        ({{ values | join(', ') }})
  {%- endset -%}
  {{ return(sql) }}
{% endmacro %}

{#- What is added to a model's name for tables beside it: sessions that run at a time must not take over each other's
    rows. The same session finds what it left behind when it was killed. -#}
{% macro trino__scratch_suffix(suffix, strategy) %}
  {%- if strategy == 'session_window' and session -%}
    {{ return(suffix ~ '_' ~ session.window.start.strftime('%Y%m%d%H%M')) }}
  {%- endif -%}
  {{ return(suffix) }}
{% endmacro %}

{#- Whether a catalog's tables know snapshots, so that a statement that changes rows is one of them. -#}
{% macro trino__keeps_merges_whole(catalog) %}
  {%- set connectors = run_query(
    "select connector_name from system.metadata.catalogs where catalog_name = '" ~ catalog | lower | replace("'", "''") ~ "'"
  ) -%}
  {{ return(connectors | length > 0 and connectors.rows[0][0] in ['iceberg', 'delta_lake']) }}
{% endmacro %}
