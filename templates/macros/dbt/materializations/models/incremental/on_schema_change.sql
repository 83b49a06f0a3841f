{#- What an incremental model does when its query yields other columns than its table has:
    `ignore`, `fail`, `append_new_columns` or `sync_all_columns`. -#}

{#- An unknown mode is logged and replaced by the default. -#}
{% macro incremental_validate_on_schema_change(on_schema_change, default='ignore') %}
  {% if on_schema_change in ['sync_all_columns', 'append_new_columns', 'fail', 'ignore'] %}
    {{ return(on_schema_change) }}
  {% endif %}
  {% do log(
    'Invalid value for on_schema_change (' ~ on_schema_change
    ~ ') specified. Setting default value of ' ~ default ~ '.'
  ) %}
  {{ return(default) }}
{% endmacro %}


{#- Compares the columns of the two relations by name and by type. -#}
{% macro check_for_schema_changes(source_relation, target_relation) %}
  {{ return(adapter.dispatch('check_for_schema_changes', 'dbt')(source_relation, target_relation)) }}
{% endmacro %}

{% macro default__check_for_schema_changes(source_relation, target_relation) %}
  {%- set source_columns = adapter.get_columns_in_relation(source_relation) -%}
  {%- set target_columns = adapter.get_columns_in_relation(target_relation) -%}
  {%- set source_not_in_target = diff_columns(source_columns, target_columns) -%}
  {%- set target_not_in_source = diff_columns(target_columns, source_columns) -%}
  {%- set new_target_types = diff_column_data_types(source_columns, target_columns) -%}
  {%- set schema_changed = source_not_in_target | length > 0
    or target_not_in_source | length > 0
    or new_target_types | length > 0 -%}

  {% do log(
    'In ' ~ target_relation ~ ': schema changed: ' ~ schema_changed
    ~ ', source columns not in target: ' ~ source_not_in_target
    ~ ', target columns not in source: ' ~ target_not_in_source
    ~ ', new column types: ' ~ new_target_types
  ) %}

  {{ return({
    'schema_changed': schema_changed,
    'source_not_in_target': source_not_in_target,
    'target_not_in_source': target_not_in_source,
    'source_columns': source_columns,
    'target_columns': target_columns,
    'new_target_types': new_target_types
  }) }}
{% endmacro %}


{#- Changes the table so that it takes the new columns; `sync_all_columns` also removes columns and
    changes types. -#}
{% macro sync_column_schemas(on_schema_change, target_relation, schema_changes_dict) %}
  {{ return(adapter.dispatch('sync_column_schemas', 'dbt')(
    on_schema_change, target_relation, schema_changes_dict
  )) }}
{% endmacro %}

{% macro default__sync_column_schemas(on_schema_change, target_relation, schema_changes_dict) %}
  {%- set added = schema_changes_dict['source_not_in_target'] -%}
  {%- set removed = schema_changes_dict['target_not_in_source'] -%}
  {%- set retyped = schema_changes_dict['new_target_types'] -%}

  {%- if on_schema_change == 'append_new_columns' and added -%}
    {%- do alter_relation_add_remove_columns(target_relation, added, none) -%}
  {%- elif on_schema_change == 'sync_all_columns' -%}
    {%- if added or removed -%}
      {%- do alter_relation_add_remove_columns(target_relation, added, removed) -%}
    {%- endif -%}
    {%- for change in retyped -%}
      {%- do alter_column_type(target_relation, change['column_name'], change['new_type']) -%}
    {%- endfor -%}
  {%- endif -%}

  {% do log(
    'In ' ~ target_relation ~ ': schema change approach: ' ~ on_schema_change
    ~ ', columns added: ' ~ added ~ ', columns removed: ' ~ removed
    ~ ', data types changed: ' ~ retyped
  ) %}
{% endmacro %}


{#- Does what the mode says and returns the columns to write; an empty result means: those the table
    has. -#}
{% macro process_schema_changes(on_schema_change, source_relation, target_relation) %}
  {{ return(adapter.dispatch('process_schema_changes', 'dbt')(
    on_schema_change, source_relation, target_relation
  )) }}
{% endmacro %}

{% macro default__process_schema_changes(on_schema_change, source_relation, target_relation) %}
  {% if on_schema_change == 'ignore' %}
    {{ return({}) }}
  {% endif %}

  {% set changes = check_for_schema_changes(source_relation, target_relation) %}
  {% if changes['schema_changed'] and on_schema_change == 'fail' %}
    {% set message %}
The source and target schemas on this incremental model are out of sync!
Ways out:
  - set the `on_schema_change` config to append_new_columns or sync_all_columns
  - run the model with `full_refresh: True`, which builds the table anew
  - change the table by hand and run again
Source columns not in target: {{ changes['source_not_in_target'] }}
Target columns not in source: {{ changes['target_not_in_source'] }}
New column types: {{ changes['new_target_types'] }}
    {% endset %}
    {% do exceptions.raise_compiler_error(message) %}
  {% elif changes['schema_changed'] %}
    {% do sync_column_schemas(on_schema_change, target_relation, changes) %}
  {% endif %}

  {{ return(changes['source_columns']) }}
{% endmacro %}
