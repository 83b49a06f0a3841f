{% macro postgres__get_create_materialized_view_as_sql(relation, sql) %}
    create materialized view if not exists {{ relation }} as {{ sql }};
  {%- for index in config.get('indexes', []) %}
    {{ get_create_index_sql(relation, index) }};
  {%- endfor %}
{% endmacro %}

{% macro postgres__refresh_materialized_view(relation) %}
    refresh materialized view {{ relation }}
{% endmacro %}

{% macro postgres__get_rename_materialized_view_sql(relation, new_name) -%}
  alter materialized view {{ relation }} rename to {{ new_name }}
{%- endmacro %}

{% macro postgres__drop_materialized_view(relation) -%}
  drop materialized view if exists {{ relation }} cascade
{%- endmacro %}


{#- What is known of an existing one: its indexes. -#}
{% macro postgres__describe_materialized_view(relation) %}
  {{ return({'indexes': run_query(get_show_indexes_sql(relation))}) }}
{% endmacro %}


{#- Indexes to drop and to create. Two are the same when their columns (in any order), their method and their
    uniqueness are; names, quotes, spaces and the casts to text that the server adds do not count. None where
    nothing has changed. -#}
{% macro postgres__get_materialized_view_configuration_changes(existing_relation, new_config) %}
  {% set wanted = {} %}
  {% for index in new_config.get('indexes') or [] %}
    {% do wanted.update({
      postgres__index_fingerprint(index.columns | join(','), index.type or 'btree', index.unique or false): index
    }) %}
  {% endfor %}

  {% set existing = {} %}
  {% for row in postgres__describe_materialized_view(existing_relation)['indexes'] %}
    {% do existing.update({
      postgres__index_fingerprint(row[3], row[1], row[2]): {'name': row[0]}
    }) %}
  {% endfor %}

  {% set changes = [] %}
  {% for fingerprint, index in existing.items() if fingerprint not in wanted %}
    {% do changes.append({'action': 'drop', 'context': index}) %}
  {% endfor %}
  {% for fingerprint, index in wanted.items() if fingerprint not in existing %}
    {% do changes.append({'action': 'create', 'context': index}) %}
  {% endfor %}
  {{ return({'requires_full_refresh': false, 'indexes': changes} if changes else none) }}
{% endmacro %}

{% macro postgres__index_fingerprint(columns, method, unique) -%}
  {%- set columns = columns | lower | replace('"', '') | replace(' ', '') | replace('::text', '') -%}
  {{ return((columns.split(',') | sort | join(',')) ~ ' ' ~ (method | lower) ~ ' ' ~ ('unique' if unique else '')) }}
{%- endmacro %}


{% macro postgres__get_alter_materialized_view_as_sql(
  relation, configuration_changes, sql, existing_relation, backup_relation, intermediate_relation
) %}
  {%- if configuration_changes.requires_full_refresh -%}
    {{ get_replace_sql(existing_relation, relation, sql) }}
  {%- else -%}
    {{ postgres__update_indexes_on_materialized_view(relation, configuration_changes.indexes) }}
  {%- endif -%}
{% endmacro %}

{%- macro postgres__update_indexes_on_materialized_view(relation, index_changes) -%}
  {%- do log("Applying UPDATE INDEXES to: " ~ relation) -%}
  {%- for change in index_changes %}
    {%- if change.action == 'drop' %}
    {{ postgres__get_drop_index_sql(relation, change.context.name) }};
    {%- elif change.action == 'create' %}
    {{ postgres__get_create_index_sql(relation, change.context) }};
    {%- endif %}
  {%- endfor %}
{%- endmacro -%}
