{#- A merge with what DuckDB's MERGE offers. The plain configs cover the usual case: all columns are
    updated and inserted by name, or some are listed, excluded, or given an expression. `merge_clauses`
    replaces these by clauses that are spelled out. See merge_clauses.sql for the clauses. -#}
{% macro duckdb__get_incremental_merge_sql(args_dict) %}
  {{ return(duckdb__get_merge_sql(
    args_dict['target_relation'], args_dict['temp_relation'], args_dict['unique_key'],
    args_dict['dest_columns'], args_dict.get('incremental_predicates')
  )) }}
{% endmacro %}

{% macro duckdb__get_merge_sql(target, source, unique_key, dest_columns, incremental_predicates=none) -%}
  {%- do validate_merge_config(config, target) -%}
  {%- set predicates = normalize_incremental_predicates(incremental_predicates) -%}
  {%- set update_columns = config.get('merge_update_columns') or [] -%}
  {%- set exclude_columns = config.get('merge_exclude_columns') or [] -%}
  {%- set set_expressions = config.get('merge_update_set_expressions') or {} -%}
  {%- set defaults = merge_clause_defaults(
    config.get('merge_update_condition'), config.get('merge_insert_condition'),
    update_columns, exclude_columns, set_expressions
  ) -%}
  {%- set default_update = defaults.when_matched_update_explicit
    if update_columns or exclude_columns or set_expressions
    else defaults.when_matched_update_by_name -%}

  {%- set merge_clauses = config.get('merge_clauses') or {} -%}
  {%- set sql_header = config.get('sql_header', none) -%}
  {%- set returning = config.get('merge_returning_columns') -%}

  {{ sql_header if sql_header is not none }}
    merge into {{ target }} as DBT_INTERNAL_DEST
    using {{ source }} as DBT_INTERNAL_SOURCE
    {{ duckdb__merge_join_clause(unique_key, config.get('merge_on_using_columns'), predicates) }}
  {%- for clause in merge_clauses.get('when_matched', [default_update]) %}
    {{ duckdb__merge_when_matched(clause, dest_columns) }}
  {%- endfor %}
  {%- for clause in merge_clauses.get('when_not_matched', [defaults.when_not_matched_insert_by_name]) %}
    {{ duckdb__merge_when_not_matched(clause) }}
  {%- endfor %}
  {%- if returning %}
    returning {{ returning if returning is string else returning | join(', ') }}
  {%- endif %}
{%- endmacro %}


{#- What makes a new row and an existing one the same: columns of one name, or the key. -#}
{% macro duckdb__merge_join_clause(unique_key, merge_on_using_columns, incremental_predicates) -%}
  {%- set conditions = [] -%}
  {%- if not merge_on_using_columns -%}
    {%- if not unique_key -%}
      {%- do conditions.append('FALSE') -%}
    {%- endif -%}
    {%- for key in ([unique_key] if unique_key is string else unique_key or []) if key -%}
      {%- do conditions.append('DBT_INTERNAL_SOURCE.' ~ key ~ ' = DBT_INTERNAL_DEST.' ~ key) -%}
    {%- endfor -%}
  {%- endif -%}
  {%- do conditions.extend(incremental_predicates or []) -%}

  {%- if merge_on_using_columns -%}
    using ({{ merge_on_using_columns | join(', ') }})
  {%- endif -%}
  {%- if conditions %}
    on ({{ conditions | join(') and (') }})
  {%- endif -%}
{%- endmacro %}


{#- The clauses that the plain configs stand for. -#}
{% macro merge_clause_defaults(
  merge_update_condition,
  merge_insert_condition,
  merge_update_columns=[],
  merge_exclude_columns=[],
  merge_update_set_expressions={}
) -%}
  {{ return({
    'when_matched_update_by_name': {
      'action': 'update', 'mode': 'by_name', 'condition': merge_update_condition
    },
    'when_matched_update_explicit': {
      'action': 'update', 'mode': 'explicit', 'condition': merge_update_condition,
      'update': {
        'include': merge_update_columns,
        'exclude': merge_exclude_columns,
        'set_expressions': merge_update_set_expressions
      }
    },
    'when_not_matched_insert_by_name': {
      'action': 'insert', 'mode': 'by_name', 'condition': merge_insert_condition
    }
  }) }}
{%- endmacro %}
