{#- The rows of `src` into those of `target`, by which names conditions of the config know them: `delete_condition`,
    `update_condition`, `insert_condition`. -#}
{% macro athena_merge_sql(target, source, dest_columns) -%}
  {%- set unique_key = config.get('unique_key') -%}
  {%- set keys = [unique_key] if unique_key is string else unique_key -%}
  {%- set matches = [] -%}
  {%- for key in keys -%}
    {%- do matches.append('target.' ~ key ~ ' = src.' ~ key) -%}
  {%- endfor -%}
  {%- set matches = matches + (config.get('incremental_predicates') or []) -%}
  {%- set plain_keys = keys | map('lower') | list -%}
  {%- set others = [] -%}
  {%- set names = [] -%}
  {%- set values = [] -%}
  {%- for column in dest_columns -%}
    {%- do names.append(column.quoted) -%}
    {%- do values.append('src.' ~ column.quoted) -%}
    {%- if column.name | lower not in plain_keys -%}
      {%- do others.append(column) -%}
    {%- endif -%}
  {%- endfor -%}
  {%- set updated = athena_merge_update_columns(others) -%}
  {%- set rules = config.get('merge_update_columns_rules') or {} -%}
  {%- set usual_rule = config.get('merge_update_columns_default_rule', 'replace') -%}
  {%- set delete_condition = config.get('delete_condition') -%}
  {%- set update_condition = config.get('update_condition') -%}
  {%- set insert_condition = config.get('insert_condition') %}
    merge into {{ target }} as target
    using {{ source }} as src
    on ({{ matches | join(') and (') }})
    {%- if delete_condition is not none %}
    when matched and ({{ delete_condition }}) then delete
    {%- endif %}
    {%- if updated %}
    when matched{{ ' and (' ~ update_condition ~ ')' if update_condition is not none }} then update set
      {%- for column in updated %}
        {{ column.quoted }} = {{ athena_merged_value(column, rules.get(column.name, usual_rule)) }}{{ ',' if not loop.last }}
      {%- endfor %}
    {%- endif %}
    when not matched{{ ' and (' ~ insert_condition ~ ')' if insert_condition is not none }} then insert
        ({{ names | join(', ') }})
    values
        ({{ values | join(', ') }})
{%- endmacro %}

{#- The columns that a match updates, by `merge_update_columns` or `merge_exclude_columns`. -#}
{% macro athena_merge_update_columns(columns) %}
  {%- set wanted = config.get('merge_update_columns') -%}
  {%- set excluded = config.get('merge_exclude_columns') -%}
  {%- if wanted and excluded -%}
    {%- do exceptions.raise_compiler_error(
      'Model cannot specify merge_update_columns and merge_exclude_columns. Please update model to use only one config'
    ) -%}
  {%- endif -%}
  {%- set listed = (wanted or excluded or []) | map('lower') | list -%}
  {%- set found = [] -%}
  {%- for column in columns -%}
    {%- if not listed or ((column.name | lower in listed) == (wanted | length > 0 if wanted else false)) -%}
      {%- do found.append(column) -%}
    {%- endif -%}
  {%- endfor -%}
  {{ return(found) }}
{% endmacro %}

{#- What a matched row gets, by a rule: `replace`, `coalesce`, `sum`, `append`, `append_distinct`, or SQL in which `_new_`
    and `_old_` stand for both values. -#}
{% macro athena_merged_value(column, rule) %}
  {%- set new = 'src.' ~ column.quoted -%}
  {%- set old = 'target.' ~ column.quoted -%}
  {%- if rule == 'replace' -%}
    {{ return(new) }}
  {%- elif rule == 'coalesce' -%}
    {{ return('coalesce(' ~ new ~ ', ' ~ old ~ ')') }}
  {%- elif rule == 'sum' and column.data_type.startswith('map') -%}
    {{ return(
      'map_zip_with(coalesce(' ~ new ~ ', map()), coalesce(' ~ old ~ ', map()), '
      ~ '(k, v1, v2) -> coalesce(v1, 0) + coalesce(v2, 0))'
    ) }}
  {%- elif rule == 'sum' -%}
    {{ return(new ~ ' + ' ~ old) }}
  {%- elif rule == 'append' -%}
    {{ return(new ~ ' || ' ~ old) }}
  {%- elif rule == 'append_distinct' -%}
    {{ return('array_distinct(' ~ new ~ ' || ' ~ old ~ ')') }}
  {%- endif -%}
  {{ return(rule | replace('_new_', new) | replace('_old_', old)) }}
{% endmacro %}
