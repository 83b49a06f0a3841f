{#- Called by a materialization before it commits: notes the window whose rows the transaction has written.
    `ledger_entry` is there only for a model with windows, in a run with a session time. Of a table that was made
    anew nothing else is left, so that what the ledger said of it before goes too. -#}
{% macro write_ledger(target_relation, is_new=false, session_window=none) %}
  {%- if ledger_entry is defined and ledger_entry -%}
    {%- do adapter.dispatch('quern_write_ledger', 'dbt')(target_relation, ledger_entry, is_new, session_window) -%}
  {%- endif -%}
{% endmacro %}

{% macro default__quern_write_ledger(target_relation, entry, is_new, session_window) %}
  {%- set ledger = quern_ledger_of(entry) -%}
  {%- call statement('quern_forget_window') -%}
    {{ quern_forget_window_sql(ledger, entry, is_new) }}
  {%- endcall -%}
  {%- call statement('quern_note_window') -%}
    {{ quern_note_window_sql(ledger, target_relation, entry, session_window) }}
  {%- endcall -%}
{% endmacro %}


{#- Called before the data is changed, where the warehouse has no transaction that would undo both together: of the
    window is noted that nobody knows what is in it; of a table that goes, that nothing before counts. A row without
    code is no claim, one without a window the end of all claims before it. `write_ledger` adds the true one. -#}
{% macro doubt_in_ledger(is_new) %}
  {%- if ledger_entry is defined and ledger_entry -%}
    {%- set unknown = dict(ledger_entry, code='') -%}
    {%- set unknown = dict(unknown, window_start=none, window_end=none) if is_new else unknown -%}
    {%- call statement('quern_doubt_window') -%}
      {{ quern_note_window_sql(quern_ledger_of(ledger_entry), none, unknown, none) }}
    {%- endcall -%}
  {%- endif -%}
{% endmacro %}

{#- Rows are only added: of several the last counts. For warehouses in which statements that delete get into each
    other's way. -#}
{% macro quern_add_to_ledger(target_relation, entry, session_window) %}
  {%- call statement('quern_note_window') -%}
    {{ quern_note_window_sql(quern_ledger_of(entry), target_relation, entry, session_window) }}
  {%- endcall -%}
{% endmacro %}

{% macro quern_ledger_of(entry) %}
  {{ return(api.Relation.create(database=entry.database, schema=entry.schema, identifier=entry.name)) }}
{% endmacro %}


{% macro quern_forget_window_sql(ledger, entry, is_new) %}
  {%- set moment = type_timestamp() -%}
    delete from {{ ledger }}
    where model = {{ string_literal(entry.model) }}
      and relation = {{ string_literal(escape_single_quotes(entry.relation)) }}
    {%- if not is_new %}
      and window_start >= cast('{{ entry.window_start }}' as {{ moment }})
      and window_end <= cast('{{ entry.window_end }}' as {{ moment }})
    {%- endif %}
{% endmacro %}


{% macro quern_note_window_sql(ledger, target_relation, entry, session_window) %}
  {%- set moment = type_timestamp() -%}
    insert into {{ ledger }}
      (model, relation, window_start, window_end, session_time, code, row_count, invocation_id, finished_at)
    select
      {{ string_literal(entry.model) }},
      {{ string_literal(escape_single_quotes(entry.relation)) }},
    {%- for window_end in [entry.window_start, entry.window_end] %}
      cast({{ string_literal(window_end) if window_end else 'null' }} as {{ moment }}),
    {%- endfor %}
      cast('{{ entry.session_time }}' as {{ moment }}),
      {{ string_literal(entry.code) }},
    {%- if session_window %}
      (select count(*) from {{ target_relation }} where {{ session_window.predicate }}),
    {%- else %}
      cast(null as {{ type_bigint() }}),
    {%- endif %}
      {{ string_literal(entry.invocation_id) }},
      {{ quern_utc_now() }}
{% endmacro %}
