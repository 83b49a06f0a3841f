{#- The strategy `session_window`: a session replaces the rows of its window, no more and no less. What was in the
    window goes, what the model yields comes in, in one transaction where the warehouse has them; so that a session
    may run again, in any order and any number of times.

    Rows that the model yields outside of its window would double or linger: they are an error, or left out where
    the config `outside_window` is `drop`. -#}

{#- What the materialization needs to know of a model of this strategy, found out before anything is changed; none
    for models of other strategies. `sql` is the query to build from. -#}
{% macro session_window_model(query, existing_relation=none, full_refresh=false) %}
  {%- if config.get('incremental_strategy') != 'session_window' -%}
    {{ return(none) }}
  {%- endif -%}
  {%- set wanted = config.get('time_column') | trim -%}
  {%- set columns = get_column_schema_from_query(query, config.get('sql_header')) -%}
  {%- set matching = columns | selectattr('name', 'equalto', wanted) | list -%}
  {%- set found = [] -%}
  {%- for column in columns if column.name | lower == plain_column_name(wanted) -%}
    {%- do found.append(column) -%}
  {%- endfor -%}
  {%- set column = (matching or found) | first -%}
  {%- if not column -%}
    {%- do exceptions.raise_time_column_unknown(
      "the time column `" ~ wanted ~ "` is none of the columns of `" ~ model.name ~ "`: "
      ~ columns | map(attribute='name') | join(', ')
    ) -%}
  {%- endif -%}
  {%- set kind = config.get('time_column_type') or time_kind_of_type(column.dtype) -%}
  {%- if not kind -%}
    {%- do exceptions.raise_time_column_unknown(
      "the time column `" ~ wanted ~ "` of `" ~ model.name ~ "` has the type " ~ column.dtype
      ~ ", which says no time by itself; say what it holds with the config `time_column_type`, such as 'epoch'"
    ) -%}
  {%- endif -%}
  {%- if existing_relation and full_refresh -%}
    {%- do exceptions.warn(
      "`" ~ model.name ~ "` is built anew, and holds the window " ~ session.window ~ " alone; run the other sessions again"
    ) -%}
  {%- endif -%}
  {%- set quoted = adapter.quote(column.name) -%}
  {%- set predicate = in_time_window(
    quoted, session.window.start, session.window.end, kind,
    config.get('time_column_format'), config.get('time_column_timezone')
  ) -%}
  {%- set drops = config.get('outside_window') == 'drop' -%}
  {{ return({
    'column': quoted,
    'name': column.name,
    'predicate': predicate,
    'drops': drops,
    'sql': session_window_rows(query, predicate) if drops else query
  }) }}
{% endmacro %}


{#- A query without its rows outside of the window. -#}
{% macro session_window_rows(query, predicate) %}
select * from (
{{ query }}
) as session_window_rows
where {{ predicate }}
{% endmacro %}


{#- The rows outside of the window of what was built; none where all are in it or the others are left out. -#}
{% macro rows_outside_of_session(session_window, relation) %}
  {%- if session_window is none or session_window.drops -%}
    {{ return(none) }}
  {%- endif -%}
  {%- set column = session_window.column -%}
  {%- set outside = run_query(
    'select count(*) as total, count(' ~ column ~ ') as timed, cast(min(' ~ column ~ ') as ' ~ type_string()
    ~ ') as first_time, cast(max(' ~ column ~ ') as ' ~ type_string() ~ ') as last_time from ' ~ relation
    ~ ' where ' ~ column ~ ' is null or not ' ~ session_window.predicate
  ).rows[0] -%}
  {{ return(outside if (outside[0] | int) else none) }}
{% endmacro %}


{#- The same check of a table beside the model's own, which goes when the model ends here: nothing else would take
    it away where there are no transactions. -#}
{% macro check_scratch_of_session(session_window, relation) %}
  {%- set outside = rows_outside_of_session(session_window, relation) -%}
  {%- if outside -%}
    {%- do adapter.drop_relation(relation) -%}
    {%- do raise_outside_session(session_window, outside) -%}
  {%- endif -%}
{% endmacro %}


{#- Ends the model when what was built of it has rows outside of the window. -#}
{% macro check_session_window(session_window, relation) %}
  {%- set outside = rows_outside_of_session(session_window, relation) -%}
  {%- if outside -%}
    {%- do raise_outside_session(session_window, outside) -%}
  {%- endif -%}
{% endmacro %}

{% macro raise_outside_session(session_window, outside) %}
  {%- set total = outside[0] | int -%}
  {%- set timeless = total - (outside[1] | int) -%}
  {%- set example = 'for example ' ~ outside[2] if total - timeless == 1
    else 'from ' ~ outside[2] ~ ' to ' ~ outside[3] if total > timeless -%}
  {%- set parts = [example, (timeless ~ ' without a time') if timeless] | select | join(', ') -%}
  {%- do exceptions.raise_outside_window(
    "`" ~ model.name ~ "` yields " ~ total ~ (' row' if total == 1 else ' rows') ~ " outside of its window "
    ~ session.window ~ ": `" ~ session_window.name ~ "` " ~ parts
  ) -%}
{% endmacro %}


{#- Deletes the window and puts the new rows in. The statements stand in the transaction of the materialization. -#}
{% macro get_incremental_session_window_sql(arg_dict) %}
  {{ return(adapter.dispatch('get_incremental_session_window_sql', 'dbt')(arg_dict)) }}
{% endmacro %}

{% macro default__get_incremental_session_window_sql(arg_dict) %}
  {%- set columns_csv = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) -%}
  {%- set sql -%}
    delete from {{ arg_dict['target_relation'] }}
    where {{ arg_dict['session_window'].predicate }}
    {%- for predicate in session_window_predicates(arg_dict['incremental_predicates']) %}
    and ({{ predicate }})
    {%- endfor %};

    insert into {{ arg_dict['target_relation'] }} ({{ columns_csv }})
    (
        select {{ columns_csv }}
        from {{ arg_dict['temp_relation'] }}
    )
  {%- endset -%}
  {{ return(sql) }}
{% endmacro %}

{#- `incremental_predicates` as a list. -#}
{% macro session_window_predicates(predicates) %}
  {{ return([predicates] if predicates is string else predicates or []) }}
{% endmacro %}
