{#- Inserts the rows of a seed in batches, as bound values. Returns the SQL of the first batch. -#}
{% macro load_csv_rows(model, agate_table) -%}
  {{ return(adapter.dispatch('load_csv_rows', 'dbt')(model, agate_table)) }}
{%- endmacro %}

{% macro default__load_csv_rows(model, agate_table) %}
  {%- set names = agate_table.column_names -%}
  {%- set columns_csv = get_seed_column_quoted_csv(model, names) -%}
  {%- set marks = [] -%}
  {%- for name in names -%}
    {%- do marks.append(get_binding_char()) -%}
  {%- endfor -%}
  {%- set row_marks = '(' ~ marks | join(',') ~ ')' -%}
  {%- set statements = [] -%}

  {%- for rows in agate_table.rows | batch(get_batch_size()) -%}
    {%- set bindings = [] -%}
    {%- set row_groups = [] -%}
    {%- for row in rows -%}
      {%- do bindings.extend(row) -%}
      {%- do row_groups.append(row_marks) -%}
    {%- endfor -%}
    {%- set sql = 'insert into ' ~ this.render() ~ ' (' ~ columns_csv ~ ') values ' ~ row_groups | join(',') -%}
    {%- do adapter.add_query(sql, bindings=bindings, abridge_sql_log=True) -%}
    {%- if loop.first -%}
      {%- do statements.append(sql) -%}
    {%- endif -%}
  {%- endfor -%}
  {{ return(statements[0]) }}
{% endmacro %}


{#- The mark that stands for a bound value. -#}
{% macro get_binding_char() -%}
  {{ return(adapter.dispatch('get_binding_char', 'dbt')()) }}
{%- endmacro %}

{% macro default__get_binding_char() %}
  {{ return('%s') }}
{% endmacro %}


{#- The number of rows of one insert. -#}
{% macro get_batch_size() -%}
  {{ return(adapter.dispatch('get_batch_size', 'dbt')()) }}
{%- endmacro %}

{% macro default__get_batch_size() %}
  {{ return(10000) }}
{% endmacro %}


{#- The columns of a seed, quoted as its `quote_columns` config says. -#}
{% macro get_seed_column_quoted_csv(model, column_names) %}
  {%- set quote_columns = model['config'].get('quote_columns', none) -%}
  {%- set quoted = [] -%}
  {%- for name in column_names -%}
    {%- do quoted.append(adapter.quote_seed_column(name, quote_columns)) -%}
  {%- endfor -%}
  {{ return(quoted | join(', ')) }}
{% endmacro %}
