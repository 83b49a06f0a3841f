{#- A view whose rows the database keeps. What a run does depends on what is there: create it, replace
    it, change it to what its config says now, or only refresh its rows. -#}
{% materialization materialized_view, default %}
  {%- set existing_relation = load_cached_relation(this) -%}
  {%- set target_relation = this.incorporate(type=this.MaterializedView) -%}
  {%- set intermediate_relation = make_intermediate_relation(target_relation) -%}
  {%- set backup_type = target_relation.MaterializedView if existing_relation is none else existing_relation.type -%}
  {%- set backup_relation = make_backup_relation(target_relation, backup_type) -%}

  {{ materialized_view_setup(backup_relation, intermediate_relation, pre_hooks) }}

  {%- set build_sql = materialized_view_get_build_sql(
    existing_relation, target_relation, backup_relation, intermediate_relation
  ) -%}
  {% if build_sql == '' %}
    {{ materialized_view_execute_no_op(target_relation) }}
  {% else %}
    {{ materialized_view_execute_build_sql(build_sql, existing_relation, target_relation, post_hooks) }}
  {% endif %}

  {{ materialized_view_teardown(backup_relation, intermediate_relation, post_hooks) }}

  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}


{#- Drops what a killed run left behind and runs the hooks before the transaction. -#}
{% macro materialized_view_setup(backup_relation, intermediate_relation, pre_hooks) %}
  {%- set leftover_backup = load_cached_relation(backup_relation) -%}
  {%- set leftover_intermediate = load_cached_relation(intermediate_relation) -%}
  {{ drop_relation_if_exists(leftover_backup) }}
  {{ drop_relation_if_exists(leftover_intermediate) }}
  {{ run_hooks(pre_hooks, inside_transaction=False) }}
{% endmacro %}


{#- Drops what this run made on the way and runs the hooks after the transaction. -#}
{% macro materialized_view_teardown(backup_relation, intermediate_relation, post_hooks) %}
  {{ drop_relation_if_exists(backup_relation) }}
  {{ drop_relation_if_exists(intermediate_relation) }}
  {{ run_hooks(post_hooks, inside_transaction=False) }}
{% endmacro %}


{#- The SQL of the run; empty when a change of the config is to be left alone. -#}
{% macro materialized_view_get_build_sql(existing_relation, target_relation, backup_relation, intermediate_relation) %}
  {% if existing_relation is none %}
    {{ return(get_create_materialized_view_as_sql(target_relation, sql)) }}
  {% endif %}
  {% if should_full_refresh() or not existing_relation.is_materialized_view %}
    {{ return(get_replace_sql(existing_relation, target_relation, sql)) }}
  {% endif %}

  {% set changes = get_materialized_view_configuration_changes(existing_relation, config) %}
  {% if changes is none %}
    {{ return(refresh_materialized_view(target_relation)) }}
  {% endif %}

  {% set on_configuration_change = config.get('on_configuration_change') %}
  {% set found = "Configuration changes were identified and `on_configuration_change` was set to `"
    ~ on_configuration_change ~ "` for `" ~ target_relation.render() ~ "`" %}
  {% if on_configuration_change == 'apply' %}
    {{ return(get_alter_materialized_view_as_sql(
      target_relation, changes, sql, existing_relation, backup_relation, intermediate_relation
    )) }}
  {% elif on_configuration_change == 'continue' %}
    {% do exceptions.warn(found) %}
    {{ return('') }}
  {% elif on_configuration_change == 'fail' %}
    {% do exceptions.raise_fail_fast_error(found) %}
  {% else %}
    {% do exceptions.raise_compiler_error("Unexpected configuration scenario") %}
  {% endif %}
{% endmacro %}


{#- Reports a run that left everything as it was. -#}
{% macro materialized_view_execute_no_op(target_relation) %}
  {% do store_raw_result(
    name='main', message='skip ' ~ target_relation, code='skip', rows_affected='-1'
  ) %}
{% endmacro %}


{% macro materialized_view_execute_build_sql(build_sql, existing_relation, target_relation, post_hooks) %}
  {{ run_hooks(pre_hooks, inside_transaction=True) }}
  {%- set grant_config = config.get('grants') -%}

  {% call statement(name='main') %}
    {{ build_sql }}
  {% endcall %}

  {#- one that is only refreshed or altered keeps what was granted on it -#}
  {%- set is_new = should_full_refresh() or existing_relation is none or not existing_relation.is_materialized_view -%}
  {% do apply_grants(
    target_relation, grant_config,
    should_revoke=should_revoke(existing_relation, full_refresh_mode=is_new)
  ) %}
  {% do persist_docs(target_relation, model) %}

  {{ run_hooks(post_hooks, inside_transaction=True) }}
  {% do adapter.commit() %}
{% endmacro %}
