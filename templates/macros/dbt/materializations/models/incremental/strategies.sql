{#- One macro per incremental strategy. `incremental_strategy: x` calls `get_incremental_x_sql`, so a
    project adds a strategy by writing a macro of that name. Each gets one dict with target_relation,
    temp_relation, unique_key, dest_columns and incremental_predicates, and returns SQL. -#}

{% macro get_incremental_append_sql(arg_dict) %}
  {{ return(adapter.dispatch('get_incremental_append_sql', 'dbt')(arg_dict)) }}
{% endmacro %}

{% macro default__get_incremental_append_sql(arg_dict) %}
  {{ return(get_insert_into_sql(
    arg_dict["target_relation"], arg_dict["temp_relation"], arg_dict["dest_columns"]
  )) }}
{% endmacro %}


{% macro get_incremental_delete_insert_sql(arg_dict) %}
  {{ return(adapter.dispatch('get_incremental_delete_insert_sql', 'dbt')(arg_dict)) }}
{% endmacro %}

{% macro default__get_incremental_delete_insert_sql(arg_dict) %}
  {{ return(get_delete_insert_merge_sql(
    arg_dict["target_relation"], arg_dict["temp_relation"], arg_dict["unique_key"],
    arg_dict["dest_columns"], arg_dict["incremental_predicates"]
  )) }}
{% endmacro %}


{% macro get_incremental_merge_sql(arg_dict) %}
  {{ return(adapter.dispatch('get_incremental_merge_sql', 'dbt')(arg_dict)) }}
{% endmacro %}

{% macro default__get_incremental_merge_sql(arg_dict) %}
  {{ return(get_merge_sql(
    arg_dict["target_relation"], arg_dict["temp_relation"], arg_dict["unique_key"],
    arg_dict["dest_columns"], arg_dict["incremental_predicates"]
  )) }}
{% endmacro %}


{% macro get_incremental_insert_overwrite_sql(arg_dict) %}
  {{ return(adapter.dispatch('get_incremental_insert_overwrite_sql', 'dbt')(arg_dict)) }}
{% endmacro %}

{% macro default__get_incremental_insert_overwrite_sql(arg_dict) %}
  {{ return(get_insert_overwrite_merge_sql(
    arg_dict["target_relation"], arg_dict["temp_relation"],
    arg_dict["dest_columns"], arg_dict["incremental_predicates"]
  )) }}
{% endmacro %}


{% macro get_incremental_microbatch_sql(arg_dict) %}
  {{ return(adapter.dispatch('get_incremental_microbatch_sql', 'dbt')(arg_dict)) }}
{% endmacro %}

{% macro default__get_incremental_microbatch_sql(arg_dict) %}
  {% do exceptions.raise_not_implemented(
    'microbatch materialization strategy not implemented for adapter ' ~ adapter.type()
  ) %}
{% endmacro %}


{% macro get_incremental_default_sql(arg_dict) %}
  {{ return(adapter.dispatch('get_incremental_default_sql', 'dbt')(arg_dict)) }}
{% endmacro %}

{% macro default__get_incremental_default_sql(arg_dict) %}
  {{ return(get_incremental_append_sql(arg_dict)) }}
{% endmacro %}
