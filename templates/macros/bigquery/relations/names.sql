{#- BigQuery keeps no temporary tables between jobs: what is temporary has a name of its own, with the
    time in it, and goes by itself after some hours. -#}
{% macro bigquery__make_relation_with_suffix(base_relation, suffix, dstring) %}
  {%- if dstring -%}
    {%- set suffix = suffix ~ modules.datetime.datetime.now().strftime("%H%M%S%f") -%}
  {%- endif -%}
  {%- set longest = 1024 -%}
  {%- if suffix | length > longest -%}
    {% do exceptions.raise_compiler_error(
      'Relation suffix is too long (' ~ suffix | length ~ ' characters). Maximum length is ' ~ longest ~ ' characters.'
    ) %}
  {%- endif -%}
  {%- set identifier = base_relation.identifier[:longest - suffix | length] ~ suffix -%}
  {{ return(base_relation.incorporate(path={"identifier": identifier})) }}
{% endmacro %}

{% macro bigquery__make_temp_relation(base_relation, suffix) %}
  {{ return(bigquery__make_relation_with_suffix(base_relation, suffix, dstring=True)) }}
{% endmacro %}

{% macro bigquery__make_intermediate_relation(base_relation, suffix) %}
  {{ return(bigquery__make_relation_with_suffix(base_relation, suffix, dstring=False)) }}
{% endmacro %}

{% macro bigquery__make_backup_relation(base_relation, backup_relation_type, suffix) %}
  {%- set backup_relation = bigquery__make_relation_with_suffix(base_relation, suffix, dstring=False) -%}
  {{ return(backup_relation.incorporate(type=backup_relation_type)) }}
{% endmacro %}
