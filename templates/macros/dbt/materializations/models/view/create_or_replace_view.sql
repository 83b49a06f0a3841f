{#- The view materialization for databases whose `create or replace view` is atomic and may change
    the columns. An adapter's view materialization calls it and returns what it returns. -#}
{% macro create_or_replace_view() %}
  {%- set identifier = model['alias'] -%}
  {%- set existing_relation = adapter.get_relation(
    database=database, schema=schema, identifier=identifier
  ) -%}
  {%- set exists_as_view = existing_relation is not none and existing_relation.is_view -%}
  {%- set target_relation = api.Relation.create(
    identifier=identifier, schema=schema, database=database, type='view'
  ) -%}
  {%- set grant_config = config.get('grants') -%}

  {{ run_hooks(pre_hooks) }}

  {%- if existing_relation is not none and existing_relation.is_table -%}
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


{#- What to do with a table that stands where a view is to be: the default drops it. -#}
{% macro handle_existing_table(full_refresh, old_relation) %}
  {{ return(adapter.dispatch('handle_existing_table', 'dbt')(full_refresh, old_relation)) }}
{% endmacro %}

{% macro default__handle_existing_table(full_refresh, old_relation) %}
  {% do log("Dropping relation " ~ old_relation.render() ~ " because it is of type " ~ old_relation.type) %}
  {% do adapter.drop_relation(old_relation) %}
{% endmacro %}
