{#- One clause of a merge: what happens to a row that is on both sides. -#}
{% macro duckdb__merge_when_matched(clause, dest_columns) -%}
  {%- set action = clause.get('action') -%}
  when matched{{ duckdb__merge_condition(clause) }} then
  {%- if action != 'update' %}
    {{ duckdb__merge_simple_action(clause) }}
  {%- elif clause.get('mode') == 'by_name' %}
    update by name
  {%- elif clause.get('mode') == 'by_position' %}
    update by position
  {%- elif clause.get('mode') == 'star' %}
    update set *
  {%- elif clause.get('mode') == 'explicit' %}
    {%- set update = clause.get('update') or {} -%}
    {%- set set_expressions = update.get('set_expressions') or {} -%}
    {%- set assignments = [] -%}
    {%- for column, expression in set_expressions.items() -%}
      {%- do assignments.append(column ~ ' = ' ~ expression) -%}
    {%- endfor -%}
    {%- for column in get_merge_update_columns(update.get('include', []), update.get('exclude', []), dest_columns)
      if column | replace('"', '') | replace("'", '') not in set_expressions -%}
      {%- do assignments.append(column ~ ' = DBT_INTERNAL_SOURCE.' ~ column) -%}
    {%- endfor %}
    update set {{ assignments | join(', ') }}
  {%- endif -%}
{%- endmacro %}


{#- One clause of a merge: what happens to a row that is on one side only, by default the new one. -#}
{% macro duckdb__merge_when_not_matched(clause) -%}
  {%- set action = clause.get('action') -%}
  when not matched{{ ' by ' ~ clause.get('by') if clause.get('by') }}{{ duckdb__merge_condition(clause) }} then
  {%- if action == 'update' %}
    {%- set assignments = [] -%}
    {%- for column, expression in (clause.get('set_expressions') or {}).items() -%}
      {%- do assignments.append(column ~ ' = ' ~ expression) -%}
    {%- endfor %}
    update set {{ assignments | join(', ') }}
  {%- elif action != 'insert' %}
    {{ duckdb__merge_simple_action(clause) }}
  {%- elif clause.get('mode') == 'by_name' %}
    insert by name
  {%- elif clause.get('mode') == 'by_position' %}
    insert by position
  {%- elif clause.get('mode') == 'star' %}
    insert *
  {%- elif clause.get('mode') == 'explicit' %}
    {%- set insert = clause.get('insert') or {} %}
    insert ({{ insert.get('columns', []) | join(', ') }})
    values ({{ insert.get('values', []) | join(', ') }})
  {%- endif -%}
{%- endmacro %}


{#- A further condition, given as one text or as a list of which all must hold. -#}
{% macro duckdb__merge_condition(clause) -%}
  {%- set condition = clause.get('condition') -%}
  {%- if condition is string and condition %} and {{ condition }}
  {%- elif condition %} and ({{ condition | join(') and (') }})
  {%- endif -%}
{%- endmacro %}


{#- The actions that need no columns. -#}
{% macro duckdb__merge_simple_action(clause) -%}
  {%- set action = clause.get('action') -%}
  {%- set message = clause.get('error_message') or '' -%}
  {%- if action == 'delete' -%}
    delete
  {%- elif action == 'do_nothing' -%}
    do nothing
  {%- elif action == 'error' -%}
    error{{ " '" ~ message | replace("'", "''") ~ "'" if message }}
  {%- endif -%}
{%- endmacro %}
