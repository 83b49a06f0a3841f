{#- `on_table_exists: replace` replaces the table at once, where the connector can. Elsewhere it is dropped:
    the columns may be others, and few connectors empty a table. -#}
{% macro trino__reset_csv_table(model, full_refresh, old_relation, agate_table) %}
  {% if model['config'].get('on_table_exists') == 'replace' %}
    {{ return(trino__create_csv_table(model, agate_table, on_exists='replace')) }}
  {% endif %}
  {% do adapter.drop_relation(old_relation) %}
  {{ return(create_csv_table(model, agate_table)) }}
{% endmacro %}

{% macro trino__create_csv_table(model, agate_table, on_exists=none) %}
  {%- set column_types = model['config'].get('column_types', {}) -%}
  {%- set quote_columns = model['config'].get('quote_columns', none) -%}
  {%- set lines = [] -%}
  {%- for name in agate_table.column_names -%}
    {%- set inferred = adapter.convert_type(agate_table, loop.index0) -%}
    {%- do lines.append(
      adapter.quote_seed_column(name | string, quote_columns) ~ ' ' ~ column_types.get(name, inferred)
    ) -%}
  {%- endfor -%}
  {%- set sql -%}
    create {{ 'or replace ' if on_exists == 'replace' }}table {{ this.render() }} ({{ lines | join(', ') }})
    {{ properties() }}
  {%- endset -%}
  {% call statement('_') -%}
    {{ sql }}
  {%- endcall %}
  {{ return(sql) }}
{% endmacro %}

{% macro trino__get_batch_size() %}
  {{ return(config.get('seed_batch_size', 1000)) }}
{% endmacro %}

{% macro trino__get_binding_char() %}
  {{ return('?') }}
{% endmacro %}

{#- Values are written into inserts of `seed_batch_size` rows, each cast to the type of its column. Where that
    cannot be, they are bound, in inserts of as many. -#}
{% macro trino__load_csv_rows(model, agate_table) %}
  {% if adapter.load_seed(this, agate_table) %}
    {{ return(
      'insert into ' ~ this.render() ~ ' (' ~ get_seed_column_quoted_csv(model, agate_table.column_names) ~ ') values …'
    ) }}
  {% endif %}
  {{ return(default__load_csv_rows(model, agate_table)) }}
{% endmacro %}
