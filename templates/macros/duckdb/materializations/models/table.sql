{#- A table, built beside the existing one and swapped in, in one transaction. Two things of DuckDB are
    cared for: a table with indexes cannot be renamed, and neither can one that a foreign key refers to
    or that has one (see foreign_keys.sql). -#}
{% materialization table, adapter="duckdb", supported_languages=['sql', 'python'] %}

  {%- set existing_relation = load_cached_relation(this) -%}
  {%- set target_relation = this.incorporate(type='table') -%}
  {%- set intermediate_relation = make_intermediate_relation(target_relation) -%}
  {%- set backup_type = 'table' if existing_relation is none else existing_relation.type -%}
  {%- set backup_relation = make_backup_relation(target_relation, backup_type) -%}
  {%- set leftover_intermediate = load_cached_relation(intermediate_relation) -%}
  {%- set leftover_backup = load_cached_relation(backup_relation) -%}

  {#- asked once: every look at the constraints goes through the whole catalog -#}
  {%- set key_types = enforced_constraint_types() + existing_constraint_types(existing_relation) -%}
  {%- set build_in_place = 'foreign_key' in key_types -%}
  {%- set may_be_referenced = 'primary_key' in key_types or 'unique' in key_types -%}
  {%- set built_relation = target_relation if build_in_place else intermediate_relation -%}
  {%- set dropped_dependents = [] -%}
  {%- set grant_config = config.get('grants') -%}

  {{ drop_relation_if_exists(leftover_intermediate) }}
  {{ drop_relation_if_exists(leftover_backup) }}
  {{ run_hooks(pre_hooks, inside_transaction=False) }}

  {#- the transaction begins with the first statement from here on -#}
  {{ run_hooks(pre_hooks, inside_transaction=True) }}
  {%- set partitioned_by = duckdb__get_partitioned_by(target_relation, false) -%}
  {%- set sorted_by = duckdb__get_sorted_by(target_relation, false) -%}

  {% if build_in_place and existing_relation is not none %}
    {% set dropped_dependents = drop_relation_for_rebuild(existing_relation) %}
  {% endif %}

  {% call statement('main', language=model.language) -%}
    {{ create_table_as(
      False, built_relation, compiled_code, model.language, partitioned_by=partitioned_by, sorted_by=sorted_by
    ) }}
  {%- endcall %}

  {% if not build_in_place %}
    {% if existing_relation is not none %}
      {% do drop_indexes_on_relation(existing_relation) %}
      {% if existing_relation.is_table and may_be_referenced %}
        {% set dropped_dependents = drop_foreign_key_dependents(existing_relation) %}
      {% endif %}
      {% do adapter.rename_relation(existing_relation, backup_relation) %}
    {% endif %}
    {% do adapter.rename_relation(intermediate_relation, target_relation) %}
  {% endif %}
  {% do restore_foreign_key_dependents(dropped_dependents) %}
  {% do create_indexes(target_relation) %}

  {{ run_hooks(post_hooks, inside_transaction=True) }}

  {% do apply_grants(
    target_relation, grant_config,
    should_revoke=should_revoke(existing_relation, full_refresh_mode=True)
  ) %}
  {% do persist_docs(target_relation, model) %}

  {% do adapter.commit() %}

  {{ drop_relation_if_exists(backup_relation) }}
  {{ run_hooks(post_hooks, inside_transaction=False) }}

  {{ return({'relations': [target_relation]}) }}

{% endmaterialization %}
