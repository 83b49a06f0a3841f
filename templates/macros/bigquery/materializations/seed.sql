{#- One load job makes the table or replaces its columns and rows, as a whole; options follow. Without
    rows there is nothing to load, and the table is made by SQL. -#}
{% macro bigquery__create_csv_table(model, agate_table) %}
  {%- if agate_table.rows | length == 0 -%}
    {%- do adapter.delete_table(this) -%}
    {%- set sql = default__create_csv_table(model, agate_table) -%}
    {%- do bigquery_set_seed_options(model) -%}
    {{ return(sql) }}
  {%- endif -%}
  {{ return('') }}
{% endmacro %}

{% macro bigquery__reset_csv_table(model, full_refresh, old_relation, agate_table) %}
  {{ return(bigquery__create_csv_table(model, agate_table)) }}
{% endmacro %}

{% macro bigquery__load_csv_rows(model, agate_table) %}
  {%- set column_types = model['config'].get('column_types', {}) -%}
  {% do adapter.load_dataframe(
    model['database'], model['schema'], model['alias'], agate_table, column_types,
    model['config'].get('delimiter')
  ) %}
  {% do bigquery_set_seed_options(model) %}
  {% if config.persist_relation_docs() and model.description %}
    {% do adapter.update_table_description(
      model['database'], model['schema'], model['alias'], model['description']
    ) %}
  {% endif %}
  {{ return('') }}
{% endmacro %}

{#- Labels, expiration and the like; a statement less where there are none. -#}
{% macro bigquery_set_seed_options(model) %}
  {%- if adapter.get_table_options(config, model, False) -%}
    {% call statement('seed_options') -%}
      alter table {{ this.render() }} set {{ bigquery_table_options(config, model, False) }}
    {%- endcall %}
  {%- endif -%}
{% endmacro %}
