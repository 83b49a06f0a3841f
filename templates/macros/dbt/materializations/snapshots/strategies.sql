{#- How a snapshot sees that a row has changed. `strategy: x` calls `snapshot_x_strategy`, and
    `strategy: package.x` that of a package, so projects can bring their own. A strategy returns a dict:
    unique_key, updated_at, row_changed and scd_id (SQL), invalidate_hard_deletes, hard_deletes. -#}
{% macro strategy_dispatch(name) -%}
  {%- set macros = context -%}
  {%- set package_name = none -%}
  {%- set strategy_name = name -%}
  {%- if '.' in name -%}
    {%- set package_name, strategy_name = name.split('.', 1) -%}
    {%- if package_name not in context -%}
      {%- do exceptions.raise_compiler_error(
        "Could not find package '" ~ package_name ~ "', called with '" ~ name ~ "'"
      ) -%}
    {%- endif -%}
    {%- set macros = context[package_name] -%}
  {%- endif -%}

  {%- set macro_name = 'snapshot_' ~ strategy_name ~ '_strategy' -%}
  {%- if macro_name not in macros -%}
    {%- do exceptions.raise_compiler_error(
      "The specified strategy macro '" ~ strategy_name ~ "' was not found in package '" ~ package_name ~ "'"
    ) -%}
  {%- endif -%}
  {{ return(macros[macro_name]) }}
{%- endmacro %}


{#- A fingerprint of SQL expressions; nulls count as empty. It names one state of one row. -#}
{% macro snapshot_hash_arguments(args) -%}
  {{ return(adapter.dispatch('snapshot_hash_arguments', 'dbt')(args)) }}
{%- endmacro %}

{% macro default__snapshot_hash_arguments(args) -%}
  {%- set parts = [] -%}
  {%- for arg in args -%}
    {%- do parts.append("coalesce(cast(" ~ arg ~ " as varchar), '')") -%}
  {%- endfor -%}
  md5({{ parts | join(" || '|' || ") }})
{%- endmacro %}


{#- A row has changed when its time is later than the start of its last record. That start is compared,
    and not the record's own time, because the strategy may have been another one before. -#}
{% macro snapshot_timestamp_strategy(node, snapshotted_rel, current_rel, model_config, target_exists) %}
  {% set columns = config.get("snapshot_table_column_names") or get_snapshot_table_column_names() %}
  {% set updated_at = config.get('updated_at') %}
  {{ return(snapshot_strategy_result(
    updated_at,
    '(' ~ snapshotted_rel ~ '.' ~ columns.dbt_valid_from ~ ' < ' ~ current_rel ~ '.' ~ updated_at ~ ')'
  )) }}
{% endmacro %}


{#- A row has changed when one of the checked columns has, or when a checked column is new. -#}
{% macro snapshot_check_strategy(node, snapshotted_rel, current_rel, model_config, target_exists) %}
  {% set updated_at = config.get('updated_at') or snapshot_get_time() %}
  {% set column_added, check_columns = snapshot_check_all_get_existing_columns(
    node, target_exists, config.get('check_cols')
  ) %}

  {% set conditions = [] %}
  {% if column_added %}
    {% do conditions.append(get_true_sql()) %}
  {% else %}
    {% for column in check_columns or [] %}
      {% set old = snapshotted_rel ~ '.' ~ column %}
      {% set new = current_rel ~ '.' ~ column %}
      {% do conditions.append(
        old ~ ' != ' ~ new
        ~ ' or ((' ~ old ~ ' is null) and not (' ~ new ~ ' is null))'
        ~ ' or ((not ' ~ old ~ ' is null) and (' ~ new ~ ' is null))'
      ) %}
    {% endfor %}
  {% endif %}
  {{ return(snapshot_strategy_result(updated_at, '(' ~ conditions | join(' or ') ~ ')')) }}
{% endmacro %}


{#- What both strategies return. -#}
{% macro snapshot_strategy_result(updated_at, row_changed) %}
  {% set unique_key = config.get('unique_key') %}
  {% set hard_deletes = adapter.get_hard_deletes_behavior(config) %}
  {{ return({
    "unique_key": unique_key,
    "updated_at": updated_at,
    "row_changed": row_changed,
    "scd_id": snapshot_hash_arguments(api.Relation.scd_args(unique_key, updated_at)),
    "invalidate_hard_deletes": hard_deletes == 'invalidate',
    "hard_deletes": hard_deletes
  }) }}
{% endmacro %}


{#- Returns two values: whether a checked column is not in the table yet, and the checked columns that
    are, quoted. The database is asked for the columns, so that their names are written as it knows them. -#}
{% macro snapshot_check_all_get_existing_columns(node, target_exists, check_cols_config) -%}
  {%- if not target_exists -%}
    {{ return((false, [])) }}
  {%- endif -%}

  {%- if check_cols_config == 'all' -%}
    {%- set checked_names = get_columns_in_query(node['compiled_code']) -%}
  {%- elif check_cols_config is not string and check_cols_config is iterable and check_cols_config -%}
    {#- the line break behind the query ends a comment that it may end with -#}
    {%- set checked_names = get_columns_in_query(
      "select " ~ check_cols_config | join(', ') ~ " from (\n" ~ node['compiled_code'] ~ "\n) subq"
    ) -%}
  {%- else -%}
    {%- do exceptions.raise_compiler_error("Invalid value for 'check_cols': " ~ check_cols_config) -%}
  {%- endif -%}

  {%- set target_relation = adapter.get_relation(
    database=node.database, schema=node.schema, identifier=node.alias
  ) -%}
  {%- set existing_names = get_list_of_column_names(adapter.get_columns_in_relation(target_relation)) -%}
  {%- set known = [] -%}
  {%- for name in checked_names if name in existing_names -%}
    {%- do known.append(adapter.quote(name)) -%}
  {%- endfor -%}
  {{ return((known | length < checked_names | length, known)) }}
{%- endmacro %}


{#- A time, given as text, as SQL. -#}
{% macro snapshot_string_as_time(timestamp) -%}
  {{ return(adapter.dispatch('snapshot_string_as_time', 'dbt')(timestamp)) }}
{%- endmacro %}

{% macro default__snapshot_string_as_time(timestamp) %}
  {% do exceptions.raise_not_implemented(
    'snapshot_string_as_time macro not implemented for adapter ' ~ adapter.type()
  ) %}
{% endmacro %}
