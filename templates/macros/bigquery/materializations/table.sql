{#- A table, replaced in one statement, so that readers see the old rows or the new ones. Only where a
    view stands in its place, or where it is partitioned or clustered otherwise, is it dropped first. -#}
{% materialization table, adapter='bigquery', supported_languages=['sql'] -%}
  {%- set existing_relation = adapter.get_relation(
    database=database, schema=schema, identifier=model['alias']
  ) -%}
  {%- set target_relation = api.Relation.create(
    database=database, schema=schema, identifier=model['alias'], type='table'
  ) -%}
  {%- set grant_config = config.get('grants') -%}
  {%- set partition_config = adapter.parse_partition_by(config.get('partition_by', none)) -%}

  {{ run_hooks(pre_hooks) }}

  {% if existing_relation is not none and not existing_relation.is_table %}
    {% do adapter.drop_relation(existing_relation) %}
  {% elif not adapter.is_replaceable(existing_relation, partition_config, config.get('cluster_by', none)) %}
    {% do log("Hard refreshing " ~ existing_relation ~ " because it is not replaceable") %}
    {% do adapter.drop_relation(existing_relation) %}
  {% endif %}

  {% if partition_config is not none and partition_config.time_ingestion_partitioning %}
    {% do run_query(create_table_as(False, target_relation, compiled_code)) %}
    {% call statement('main') -%}
      {{ bq_insert_into_ingestion_time_partitioned_table_sql(target_relation, compiled_code) }}
    {%- endcall %}
  {% else %}
    {% call statement('main') -%}
      {{ create_table_as(False, target_relation, compiled_code) }}
    {%- endcall %}
  {% endif %}

  {{ run_hooks(post_hooks) }}

  {% do apply_grants(
    target_relation, grant_config,
    should_revoke(existing_relation, full_refresh_mode=True)
  ) %}
  {% do persist_docs(target_relation, model) %}

  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
