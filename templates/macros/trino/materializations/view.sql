{% materialization view, adapter='trino' %}
  {%- set built = create_or_replace_view() -%}
  {%- do persist_docs(this.incorporate(type='view'), model) -%}
  {{ return(built) }}
{% endmaterialization %}


{#- `create or replace view` replaces a view at once. Whatever else stands in its place is dropped first. -#}
{% macro create_or_replace_view() %}
  {%- set existing_relation = load_cached_relation(this) -%}
  {%- set target_relation = this.incorporate(type='view') -%}
  {%- set grant_config = config.get('grants') -%}

  {{ run_hooks(pre_hooks) }}

  {% if existing_relation is not none and not existing_relation.is_view %}
    {% do handle_existing_table(should_full_refresh(), existing_relation) %}
  {% endif %}
  {% call statement('main') -%}
    {{ get_create_view_as_sql(target_relation, sql) }}
  {%- endcall %}

  {% do apply_grants(target_relation, grant_config, should_revoke=True) %}

  {{ run_hooks(post_hooks) }}

  {{ return({'relations': [target_relation]}) }}
{% endmacro %}
