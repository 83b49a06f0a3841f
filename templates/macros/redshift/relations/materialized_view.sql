{% macro redshift__get_create_materialized_view_as_sql(relation, sql) %}
  create materialized view {{ relation }}
  backup {{ 'no' if config.get('backup') == false else 'yes' }}
  {{ dist(config.get('dist')) }} {{ sort('compound', config.get('sort')) }}
  auto refresh {{ 'yes' if config.get('auto_refresh') else 'no' }}
  as (
    {{ sql }}
  );
{% endmacro %}

{% macro redshift__refresh_materialized_view(relation) %}
  refresh materialized view {{ relation }}
{% endmacro %}

{% macro redshift__drop_materialized_view(relation) -%}
  drop materialized view if exists {{ relation }} cascade
{%- endmacro %}

{#- Redshift cannot rename one. -#}
{% macro redshift__get_rename_materialized_view_sql(relation, new_name) -%}
  {%- do exceptions.raise_compiler_error("Redshift cannot rename a materialized view: " ~ relation) -%}
{%- endmacro %}

{#- Of what it is made cannot be asked for in a way that all versions answer: changes need a full refresh. -#}
{% macro redshift__get_materialized_view_configuration_changes(existing_relation, new_config) %}
  {{ return(none) }}
{% endmacro %}
