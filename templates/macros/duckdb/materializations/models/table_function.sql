{#- A parameterized view: a table macro of DuckDB. The names it reads are looked up when it is called, so
    it need not be built again when a table beneath it gets a column. It is read with parentheses. -#}
{% materialization table_function, adapter='duckdb' %}
  {%- set target_relation = api.Relation.create(
    identifier=model['alias'], schema=schema, database=database, type='view'
  ) -%}
  {#- one text, with or without commas, or a list -#}
  {%- set parameters = config.get('parameters') or '' -%}
  {%- set parameters_csv = parameters if parameters is string or parameters is number else parameters | join(', ') -%}

  {{ run_hooks(pre_hooks, inside_transaction=False) }}
  {{ run_hooks(pre_hooks, inside_transaction=True) }}

  {% call statement('main') -%}
    create or replace function {{ target_relation.render() }}({{ parameters_csv }}) as table (
      {{ sql }}
    );
  {%- endcall %}

  {{ run_hooks(post_hooks, inside_transaction=True) }}
  {% do persist_docs(target_relation, model) %}
  {% do adapter.commit() %}
  {{ run_hooks(post_hooks, inside_transaction=False) }}

  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
