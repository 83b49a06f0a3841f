{#- A type as data definition spells it: `string` for `varchar`, `array<int>` for `array(integer)`. -#}
{% macro ddl_data_type(col_type, table_type='hive') -%}
  {{ return(adapter.athena_ddl_type(col_type, table_type)) }}
{%- endmacro %}

{#- A type as queries spell it. -#}
{% macro dml_data_type(col_type) -%}
  {{ return(adapter.athena_dml_type(col_type)) }}
{%- endmacro %}


{#- A contract may spell types either way. -#}
{% macro athena__get_empty_schema_sql(columns) %}
  {%- set untyped = [] -%}
    select
  {%- for column in columns.values() %}
    {%- if not column.get('data_type') -%}
      {%- do untyped.append(column['name']) -%}
    {%- else %}
        cast(null as {{ dml_data_type(column['data_type']) }}) as {{ adapter.quote(column['name']) if column.get('quote') else column['name'] }}{{ ',' if not loop.last }}
    {%- endif -%}
  {%- endfor -%}
  {%- if untyped -%}
    {%- do exceptions.column_type_missing(column_names=untyped) -%}
  {%- endif -%}
{% endmacro %}


{#- Names and types of columns, as data definition takes them. -#}
{% macro athena_column_list(columns, table_type) -%}
  {%- set parts = [] -%}
  {%- for column in columns -%}
    {%- do parts.append('`' ~ column.name ~ '` ' ~ ddl_data_type(column.data_type, table_type)) -%}
  {%- endfor -%}
  {{ return(parts | join(', ')) }}
{%- endmacro %}

{% macro alter_relation_add_columns(relation, add_columns=none, table_type='hive') -%}
  {%- if add_columns -%}
    {%- do run_query(
      'alter table ' ~ relation.render_hive() ~ ' add columns (' ~ athena_column_list(add_columns, table_type) ~ ')'
    ) -%}
  {%- endif -%}
{%- endmacro %}

{#- Tables of Iceberg only. -#}
{% macro alter_relation_drop_columns(relation, remove_columns=none) -%}
  {%- for column in remove_columns or [] -%}
    {%- do run_query('alter table ' ~ relation.render_hive() ~ ' drop column `' ~ column.name ~ '`') -%}
  {%- endfor -%}
{%- endmacro %}

{#- Tables of Hive only: the columns as a whole, without those of the partitions. -#}
{% macro alter_relation_replace_columns(relation, replace_columns=none, table_type='hive') -%}
  {%- if replace_columns -%}
    {%- do run_query(
      'alter table ' ~ relation.render_hive() ~ ' replace columns ('
      ~ athena_column_list(replace_columns, table_type) ~ ')'
    ) -%}
  {%- endif -%}
{%- endmacro %}

{% macro alter_relation_rename_column(relation, source_column, target_column, target_column_type, table_type='hive') -%}
  {%- do run_query(
    'alter table ' ~ relation.render_hive() ~ ' change column `' ~ source_column ~ '` `' ~ target_column ~ '` '
    ~ ddl_data_type(target_column_type, table_type)
  ) -%}
{%- endmacro %}

{% macro athena__create_columns(relation, columns) %}
  {%- do alter_relation_add_columns(relation, columns, athena_table_type()) -%}
{% endmacro %}


{#- Tables of Iceberg take new columns and lose old ones one by one; those of Hive only get another list of columns,
    and their files stay as they are. -#}
{% macro athena__sync_column_schemas(on_schema_change, target_relation, schema_changes_dict) %}
  {%- set table_type = athena_table_type() -%}
  {%- set added = schema_changes_dict['source_not_in_target'] -%}
  {%- set removed = schema_changes_dict['target_not_in_source'] -%}
  {%- set retyped = schema_changes_dict['new_target_types'] -%}

  {%- if on_schema_change == 'append_new_columns' -%}
    {%- do alter_relation_add_columns(target_relation, added, table_type) -%}
  {%- elif on_schema_change == 'sync_all_columns' and table_type == 'iceberg' -%}
    {%- do alter_relation_add_columns(target_relation, added, table_type) -%}
    {%- do alter_relation_drop_columns(target_relation, removed) -%}
    {%- for change in retyped -%}
      {%- do alter_column_type(target_relation, change['column_name'], change['new_type']) -%}
    {%- endfor -%}
  {%- elif on_schema_change == 'sync_all_columns' and (added or removed or retyped) -%}
    {%- set keys = (config.get('partitioned_by') or []) | map('lower') | list -%}
    {%- set kept = [] -%}
    {%- for column in schema_changes_dict['source_columns'] if column.name | lower not in keys -%}
      {%- do kept.append(column) -%}
    {%- endfor -%}
    {%- do alter_relation_replace_columns(target_relation, kept, table_type) -%}
  {%- endif -%}
  {%- do log(
    'In ' ~ target_relation ~ ': schema change approach: ' ~ on_schema_change
    ~ ', columns added: ' ~ added ~ ', columns removed: ' ~ removed ~ ', data types changed: ' ~ retyped
  ) -%}
{% endmacro %}


{#- The values are copied through a second column, which then takes the name. Only tables of Iceberg are updated. -#}
{% macro athena__alter_column_type(relation, column_name, new_column_type) -%}
  {%- if athena_table_type() != 'iceberg' -%}
    {%- do exceptions.raise_compiler_error(
      "the type of the column `" ~ column_name ~ "` cannot be changed: a table of Hive has files of the former type; "
      ~ "run the model with `--full-refresh`, or use `table_type: iceberg`"
    ) -%}
  {%- endif -%}
  {%- set copy = column_name ~ '__dbt_alter' -%}
  {%- do run_query(
    'alter table ' ~ relation.render_hive() ~ ' add columns (`' ~ copy ~ '` ' ~ ddl_data_type(new_column_type, 'iceberg') ~ ')'
  ) -%}
  {%- do run_query(
    'update ' ~ relation ~ ' set ' ~ adapter.quote(copy) ~ ' = cast(' ~ adapter.quote(column_name) ~ ' as '
    ~ dml_data_type(new_column_type) ~ ')'
  ) -%}
  {%- do run_query('alter table ' ~ relation.render_hive() ~ ' drop column `' ~ column_name ~ '`') -%}
  {%- do alter_relation_rename_column(relation, copy, column_name, new_column_type, 'iceberg') -%}
{%- endmacro %}
