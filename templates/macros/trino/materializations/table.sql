{#- A table. `on_table_exists` says what happens to the one that is there: `rename` builds beside it and
    swaps the names, `drop` drops it first, `replace` leaves it to a connector that can, `skip` keeps it. -#}
{% materialization table, adapter='trino' %}
  {%- set on_table_exists = trino__on_table_exists(['rename', 'drop', 'replace', 'skip']) -%}
  {%- set existing_relation = load_cached_relation(this) -%}
  {%- set target_relation = this.incorporate(type='table') -%}
  {%- set intermediate_relation = make_intermediate_relation(target_relation) -%}
  {%- set backup_type = 'table' if existing_relation is none else existing_relation.type -%}
  {%- set backup_relation = make_backup_relation(target_relation, backup_type) -%}
  {%- set grant_config = config.get('grants') -%}

  {% if on_table_exists == 'rename' %}
    {{ drop_relation_if_exists(load_cached_relation(intermediate_relation)) }}
    {{ drop_relation_if_exists(load_cached_relation(backup_relation)) }}
  {% endif %}

  {{ run_hooks(pre_hooks) }}

  {% do on_table_exists_logic(
    on_table_exists, existing_relation, intermediate_relation, backup_relation, target_relation
  ) %}

  {% do persist_docs(target_relation, model) %}
  {% do apply_grants(
    target_relation, grant_config,
    should_revoke=should_revoke(existing_relation, full_refresh_mode=True)
  ) %}

  {{ run_hooks(post_hooks) }}

  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}


{#- What the config says, where it is one of these; an unknown word is logged and taken for `rename`. -#}
{% macro trino__on_table_exists(allowed) %}
  {%- set wanted = config.get('on_table_exists', 'rename') -%}
  {%- if wanted in allowed -%}
    {{ return(wanted) }}
  {%- endif -%}
  {%- do log(
    'Invalid value for on_table_exists (' ~ wanted ~ ') specified. Setting default value (rename).'
  ) -%}
  {{ return('rename') }}
{% endmacro %}


{#- Builds the table of the running model. -#}
{% macro on_table_exists_logic(
  on_table_exists, existing_relation, intermediate_relation, backup_relation, target_relation, model_sql=none
) %}
  {%- set model_sql = model_sql or sql -%}
  {#- what is no table can neither be replaced by one nor skipped -#}
  {%- set is_in_the_way = existing_relation is not none and not existing_relation.is_table -%}

  {% if on_table_exists == 'rename' and existing_relation is not none %}
    {% call statement('main') -%}
      {{ create_table_as(False, intermediate_relation, model_sql) }}
    {%- endcall %}
    {% do adapter.rename_relation(existing_relation, backup_relation) %}
    {% do adapter.rename_relation(intermediate_relation, target_relation) %}
    {% do adapter.drop_relation(backup_relation) %}
  {% else %}
    {% if existing_relation is not none and (on_table_exists == 'drop' or is_in_the_way) %}
      {% do adapter.drop_relation(existing_relation) %}
    {% endif %}
    {%- set on_exists = on_table_exists if on_table_exists in ['replace', 'skip'] else none -%}
    {% call statement('main') -%}
      {{ adapter.dispatch('create_table_as', 'dbt')(False, target_relation, model_sql, on_exists) if on_exists
        else create_table_as(False, target_relation, model_sql) }}
    {%- endcall %}
  {% endif %}
{% endmacro %}
