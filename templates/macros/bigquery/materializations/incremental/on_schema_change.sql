{#- Before columns are added and removed, structs get the fields that are new inside of them. -#}
{% macro bigquery__sync_column_schemas(on_schema_change, target_relation, schema_changes_dict) %}
  {%- set changes = schema_changes_dict -%}
  {%- set source_relation = schema_changes_dict.get('source_relation') -%}
  {%- if source_relation is not none -%}
    {%- set changes = adapter.sync_struct_columns(
      on_schema_change, source_relation, target_relation, schema_changes_dict
    ) -%}
  {%- endif -%}
  {% do default__sync_column_schemas(on_schema_change, target_relation, changes) %}
{% endmacro %}

{#- Notes whose columns the new ones are, which is where their structs are read from. -#}
{% macro bigquery__check_for_schema_changes(source_relation, target_relation) %}
  {%- set changes = default__check_for_schema_changes(source_relation, target_relation) -%}
  {%- do changes.update({'source_relation': source_relation}) -%}
  {{ return(changes) }}
{% endmacro %}
