{% macro trino__get_delete_insert_merge_sql(target, source, unique_key, dest_columns, incremental_predicates) -%}
  {%- set columns_csv = get_quoted_csv(dest_columns | map(attribute='name')) -%}
  {%- if unique_key %}
    {%- set keys = [unique_key] if unique_key is string else unique_key %}
    delete from {{ target }}
    {%- if keys | length == 1 %}
    where ({{ keys[0] }}) in (
        select {{ keys[0] }}
        from {{ source }}
    )
    {%- else %}
    where exists (
        select 1
        from {{ source }}
        where
        {%- for key in keys %}
            {{ target }}.{{ key }} = {{ source }}.{{ key }}{{ ' and' if not loop.last }}
        {%- endfor %}
    )
    {%- endif %}
    {%- for predicate in incremental_predicates or [] %}
    and {{ predicate }}
    {%- endfor %};
  {%- endif %}

    insert into {{ target }} ({{ columns_csv }})
    (
        select {{ columns_csv }}
        from {{ source }}
    )
{%- endmacro %}


{#- The inserted values name their side: Trino does not find them otherwise. Without a key every row is
    inserted. -#}
{% macro trino__get_merge_sql(target, source, unique_key, dest_columns, incremental_predicates=none) -%}
  {%- set names = [] -%}
  {%- set values = [] -%}
  {%- for column in dest_columns -%}
    {%- do names.append(adapter.quote(column.name)) -%}
    {%- do values.append('DBT_INTERNAL_SOURCE.' ~ adapter.quote(column.name)) -%}
  {%- endfor -%}
  {%- set sql_header = config.get('sql_header', none) -%}

  {%- if not unique_key %}
    insert into {{ target }} ({{ names | join(', ') }})
    (
        select {{ names | join(', ') }}
        from {{ source }}
    )
  {%- else -%}
    {%- set conditions = [] + (incremental_predicates or []) -%}
    {%- set keys = [unique_key] if unique_key is string else unique_key -%}
    {%- for key in keys -%}
      {%- do conditions.append('DBT_INTERNAL_SOURCE.' ~ key ~ ' = DBT_INTERNAL_DEST.' ~ key) -%}
    {%- endfor -%}
    {%- set update_columns = get_merge_update_columns(
      config.get('merge_update_columns'), config.get('merge_exclude_columns'), dest_columns
    ) -%}
    {{ sql_header if sql_header is not none }}
    merge into {{ target }} as DBT_INTERNAL_DEST
    using {{ source }} as DBT_INTERNAL_SOURCE
    on ({{ conditions | join(') and (') }})
    {%- if update_columns %}
    when matched then update set
      {%- for column in update_columns %}
        {{ column }} = DBT_INTERNAL_SOURCE.{{ column }}{{ ',' if not loop.last }}
      {%- endfor %}
    {%- endif %}
    when not matched then insert
        ({{ names | join(', ') }})
    values
        ({{ values | join(', ') }})
  {%- endif %}
{%- endmacro %}


{#- Replaces all rows of the batch's time span. -#}
{% macro trino__get_incremental_microbatch_sql(arg_dict) -%}
  {%- set columns_csv = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) %}
    delete from {{ arg_dict['target_relation'] }}
    where {{ trino__batch_predicates(arg_dict.get('incremental_predicates')) }};

    insert into {{ arg_dict['target_relation'] }} ({{ columns_csv }})
    (
        select {{ columns_csv }}
        from {{ arg_dict['temp_relation'] }}
    )
{%- endmacro %}

{#- What the rows of the batch have in common. Its bounds are in UTC. -#}
{% macro trino__batch_predicates(incremental_predicates) -%}
  {%- set batch = model.get('batch') or {} -%}
  {%- set start = model.config.get('__dbt_internal_microbatch_event_time_start') or batch.event_time_start -%}
  {%- set end = model.config.get('__dbt_internal_microbatch_event_time_end') or batch.event_time_end -%}
  {%- set event_time = config.get('event_time') -%}
  {%- set predicates = [] + (incremental_predicates or []) -%}
  {%- if start -%}
    {%- do predicates.append(event_time ~ ' >= ' ~ trino__timestamp_literal(start)) -%}
  {%- endif -%}
  {%- if end -%}
    {%- do predicates.append(event_time ~ ' < ' ~ trino__timestamp_literal(end)) -%}
  {%- endif -%}
  {%- if not predicates -%}
    {%- do exceptions.raise_compiler_error(
      "the microbatch strategy was given no time span: a batch would replace the whole table"
    ) -%}
  {%- endif -%}
  {{ return('(' ~ predicates | join(') and (') ~ ')') }}
{%- endmacro %}

{#- A moment as SQL, however it is written: `2024-01-01`, `2024-01-01 00:00:00+00:00`, with `T` or a space. -#}
{% macro trino__timestamp_literal(moment) -%}
  timestamp '{{ moment | string | replace('T', ' ') }}'
{%- endmacro %}
