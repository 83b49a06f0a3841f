{%- macro trino__get_create_materialized_view_as_sql(relation, sql) -%}
  {%- set grace_period = config.get('grace_period') -%}
  create materialized view {{ relation }}
  {%- if grace_period is not none %}
    grace period {{ grace_period }}
  {%- endif %}
    {{ properties() }}
  as
  {{ sql }}
  ;
{%- endmacro -%}

{#- No connector changes one: after a change of its config it is refreshed as it is, until a full refresh. -#}
{% macro trino__get_materialized_view_configuration_changes(existing_relation, new_config) %}
  {{ return(none) }}
{% endmacro %}

{#- Made under another name first, so that a failure leaves what is there. -#}
{% macro trino__get_replace_sql(existing_relation, target_relation, sql) %}
  {%- if not target_relation.is_materialized_view -%}
    {{ return(default__get_replace_sql(existing_relation, target_relation, sql)) }}
  {%- endif -%}
  {%- set intermediate_relation = make_intermediate_relation(target_relation) -%}
  {%- set backup_relation = make_backup_relation(target_relation, existing_relation.type) -%}
  {{ trino__get_create_materialized_view_as_sql(intermediate_relation, sql) }}
  alter {{ existing_relation.type | replace('_', ' ') }} {{ existing_relation }} rename to {{ backup_relation }};
  alter materialized view {{ intermediate_relation }} rename to {{ target_relation }};
  {{ trino__get_drop_sql(backup_relation) }}
{% endmacro %}

{%- macro trino__refresh_materialized_view(relation) -%}
  refresh materialized view {{ relation }}
{%- endmacro -%}
