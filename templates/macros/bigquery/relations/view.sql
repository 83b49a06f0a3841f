{% macro bigquery__create_view_as(relation, sql) -%}
  {%- set sql_header = config.get('sql_header', none) -%}
  {{ sql_header if sql_header is not none }}
  {%- if config.get('contract').enforced %}
    {{ get_assert_columns_equivalent(sql) }}
  {%- endif %}
  create or replace view {{ relation }}
  {{ bigquery_view_options(config, model) }}
  as {{ sql }};
{%- endmacro %}

{% macro bigquery__get_replace_view_sql(relation, sql) %}
  {{ return(create_view_as(relation, sql)) }}
{% endmacro %}


{#- BigQuery replaces no table by a view: a table goes only when a full refresh asks for it. -#}
{% macro bigquery__handle_existing_table(full_refresh, old_relation) %}
  {%- if full_refresh -%}
    {%- do adapter.drop_relation(old_relation) -%}
  {%- else -%}
    {{ exceptions.relation_wrong_type(old_relation, 'view') }}
  {%- endif -%}
{% endmacro %}

{% macro bigquery__create_or_replace_view() %}
  {%- set existing_relation = adapter.get_relation(
    database=database, schema=schema, identifier=model['alias']
  ) -%}
  {%- set exists_as_view = existing_relation is not none and existing_relation.is_view -%}
  {%- set target_relation = api.Relation.create(
    identifier=model['alias'], schema=schema, database=database, type='view'
  ) -%}
  {%- set grant_config = config.get('grants') -%}

  {{ run_hooks(pre_hooks) }}

  {%- if existing_relation is not none and not existing_relation.is_view -%}
    {% do handle_existing_table(should_full_refresh(), existing_relation) %}
  {%- endif -%}

  {% call statement('main') -%}
    {{ get_create_view_as_sql(target_relation, sql) }}
  {%- endcall %}

  {% do apply_grants(
    target_relation, grant_config,
    should_revoke=should_revoke(exists_as_view, full_refresh_mode=True)
  ) %}

  {{ run_hooks(post_hooks) }}

  {{ return({'relations': [target_relation]}) }}
{% endmacro %}
