{#- Replaces all rows of the batch's time span. -#}
{% macro duckdb__get_incremental_microbatch_sql(arg_dict) -%}
  {%- set event_time = config.get('event_time') -%}
  {%- if not event_time -%}
    {%- do exceptions.raise_compiler_error(
      "microbatch incremental strategy requires an 'event_time' model config"
    ) -%}
  {%- elif config.get('unique_key') -%}
    {%- do exceptions.raise_compiler_error(
      "microbatch incremental strategy does not support 'unique_key': a batch replaces the rows of its "
      ~ "time span, whatever their keys. Remove 'unique_key' or use incremental_strategy='merge'."
    ) -%}
  {%- endif -%}

  {%- set batch = model.get('batch') or {} -%}
  {%- if not (batch.event_time_start and batch.event_time_end) -%}
    {%- do exceptions.raise_compiler_error(
      "microbatch incremental strategy requires 'batch.event_time_start' and 'batch.event_time_end' "
      ~ "to be set in the context"
    ) -%}
  {%- endif -%}

  {#- the bounds are in UTC -#}
  {%- set in_batch = event_time ~ " >= '" ~ batch.event_time_start ~ "' and "
    ~ event_time ~ " < '" ~ batch.event_time_end ~ "'" -%}
  {%- set columns_csv = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) -%}
  {%- set build_sql %}
    delete from {{ arg_dict['target_relation'] }}
    where {{ in_batch }}
    {%- for predicate in normalize_incremental_predicates(arg_dict.get('incremental_predicates')) %}
    and ({{ predicate }})
    {%- endfor %};

    insert into {{ arg_dict['target_relation'] }} ({{ columns_csv }})
    select {{ columns_csv }}
    from {{ arg_dict['temp_relation'] }}
    where {{ in_batch }};
  {%- endset -%}
  {{ return(build_sql) }}
{%- endmacro %}
