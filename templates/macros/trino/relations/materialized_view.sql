{%- macro trino__get_create_materialized_view_as_sql(target_relation, sql) -%}
  {%- set grace_period = config.get('grace_period') -%}
  create materialized view {{ target_relation }}
  {%- if grace_period is not none %}
    grace period {{ grace_period }}
  {%- endif %}
    {{ comment(model.get('description')) }}
    {{ properties() }}
  as
  {{ sql }}
  ;
{%- endmacro -%}

{#- No connector changes one: after a change of its config it is refreshed as it is, until a full refresh. -#}
{% macro trino__get_materialized_view_configuration_changes(existing_relation, new_config) %}
  {{ return(none) }}
{% endmacro %}

{#- Few catalogs rename one, so what is there goes first. -#}
{% macro trino__get_replace_sql(existing_relation, target_relation, sql) %}
  {{ get_drop_sql(existing_relation) }};
  {{ get_create_sql(target_relation, sql) }}
{% endmacro %}

{%- macro trino__refresh_materialized_view(relation) -%}
  refresh materialized view {{ relation }}
{%- endmacro -%}
