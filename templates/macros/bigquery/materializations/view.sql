{#- A view, replaced in one statement. `grant_access_to` lets it read datasets that its readers may not. -#}
{% materialization view, adapter='bigquery' -%}
  {%- set relations = bigquery__create_or_replace_view() -%}
  {%- set target_relation = this.incorporate(type='view') -%}

  {% do persist_docs(target_relation, model) %}
  {% for grant_target in config.get('grant_access_to') or [] %}
    {% do adapter.grant_access_to(this, 'view', none, grant_target) %}
  {% endfor %}

  {{ return(relations) }}
{%- endmaterialization %}
