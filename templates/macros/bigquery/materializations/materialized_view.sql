{% materialization materialized_view, adapter='bigquery' -%}
  {%- set relations = materialization_materialized_view_default() -%}
  {% for grant_target in config.get('grant_access_to') or [] %}
    {% do adapter.grant_access_to(this, 'view', none, grant_target) %}
  {% endfor %}
  {{ return(relations) }}
{%- endmaterialization %}
