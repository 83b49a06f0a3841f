{#- Runs the code of a call block. Nothing happens while the project is only parsed.
    The result is kept under `name` and is read back with load_result(name). The statement called
    `main` is the one the node is known for: its text is also written to the run folder. -#}
{% macro statement(name=none, fetch_result=false, auto_begin=true, language='sql') -%}
  {%- if execute -%}
    {%- set compiled_code = caller() -%}
    {%- if language not in ['sql', 'python'] -%}
      {%- do exceptions.raise_compiler_error(
        "a statement is run in SQL or in Python, not in `" ~ language ~ "`"
      ) -%}
    {%- endif -%}

    {%- if name == 'main' -%}
      {%- do log('Writing runtime ' ~ language ~ ' for node "' ~ connection_name ~ '"') -%}
      {%- do write(compiled_code) -%}
    {%- endif -%}

    {%- if language == 'sql' -%}
      {%- set response, table = adapter.execute(compiled_code, auto_begin=auto_begin, fetch=fetch_result) -%}
    {%- else -%}
      {%- set response = submit_python_job(model, compiled_code, reads=python_model_reads(model)) -%}
      {%- set table = none -%}
    {%- endif -%}

    {%- if name is not none -%}
      {%- do store_result(name, response=response, agate_table=table) -%}
    {%- endif -%}
  {%- endif -%}
{%- endmacro %}


{#- Records the SQL of a call block, and a result given by hand, without running anything. Seeds use
    it, because their rows travel as bound values and not as text. -#}
{% macro noop_statement(name=none, message=none, code=none, rows_affected=none, res=none) -%}
  {%- set sql = caller() -%}

  {%- if name == 'main' -%}
    {%- do log('Writing runtime SQL for node "' ~ connection_name ~ '"') -%}
    {%- do write(sql) -%}
  {%- endif -%}

  {%- if name is not none -%}
    {%- do store_raw_result(
      name, message=message, code=code, rows_affected=rows_affected, agate_table=res
    ) -%}
  {%- endif -%}
{%- endmacro %}
