{#- `create or replace view` replaces a view at once. Glue keeps former versions of it; some of them go. -#}
{% materialization view, adapter='athena' %}
  {%- do athena_check_config() -%}
  {%- set built = create_or_replace_view() -%}
  {%- set target_relation = this.incorporate(type='view') -%}
  {%- do adapter.expire_glue_table_versions(target_relation, config.get('versions_to_keep', 4) | int, False) -%}
  {%- do persist_docs(target_relation, model) -%}
  {{ return(built) }}
{% endmaterialization %}
