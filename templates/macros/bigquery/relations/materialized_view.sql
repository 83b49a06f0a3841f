{% macro bigquery__get_create_materialized_view_as_sql(relation, sql) %}
    create materialized view if not exists {{ relation }}
    {{ bigquery_materialized_view_body(sql) }}
{% endmacro %}

{% macro bigquery__get_replace_materialized_view_sql(relation, sql) %}
    create or replace materialized view {{ relation }}
    {{ bigquery_materialized_view_body(sql) }}
{% endmacro %}

{#- Its layout, its options and its query. -#}
{% macro bigquery_materialized_view_body(sql) %}
    {%- set configured = adapter.Relation.materialized_view_from_relation_config(model) -%}
    {{ partition_by(configured.partition) if configured.partition }}
    {{ cluster_by(configured.cluster.fields) if configured.cluster }}
    {{ bigquery_options(configured.options.as_ddl_dict()) }}
    as {{ sql }}
{% endmacro %}

{#- Options are changed in place; other partitions or clusters need a new one. -#}
{% macro bigquery__get_alter_materialized_view_as_sql(
  relation, configuration_changes, sql, existing_relation, backup_relation, intermediate_relation
) %}
  {%- if configuration_changes.requires_full_refresh -%}
    {{ get_replace_sql(existing_relation, relation, sql) }}
  {%- else -%}
    alter materialized view {{ relation }}
    set {{ bigquery_options(configuration_changes.options.context.as_ddl_dict()) }}
  {%- endif -%}
{% endmacro %}

{% macro bigquery__get_materialized_view_configuration_changes(existing_relation, new_config) %}
  {%- set existing = adapter.describe_relation(existing_relation) -%}
  {% do return(existing_relation.materialized_view_config_changeset(existing, new_config.model)) %}
{% endmacro %}

{% macro bigquery__refresh_materialized_view(relation) %}
    call bq.refresh_materialized_view('{{ relation.database }}.{{ relation.schema }}.{{ relation.identifier }}')
{% endmacro %}
