{#- Postgres cuts names at 63 bytes without a word. The base name is cut before the suffix is put
    behind it, so that the suffix, which tells the relations apart, stays whole. -#}
{% macro postgres__make_relation_with_suffix(base_relation, suffix, dstring) %}
  {% set longest = 63 %}
  {% if dstring %}
    {% set suffix = suffix ~ modules.datetime.datetime.now().strftime("%H%M%S%f") %}
  {% endif %}
  {% set suffix_length = suffix | length %}
  {% if suffix_length > longest %}
    {% do exceptions.raise_compiler_error(
      'Relation suffix is too long (' ~ suffix_length ~ ' characters). Maximum length is ' ~ longest ~ ' characters.'
    ) %}
  {% endif %}
  {% set kept = postgres__first_bytes(base_relation.identifier, longest - suffix_length) %}
  {{ return(base_relation.incorporate(path={"identifier": kept ~ suffix})) }}
{% endmacro %}

{#- As many whole characters of a name as fit into so many bytes. -#}
{% macro postgres__first_bytes(name, count) %}
  {% if name.encode('utf-8') | length <= count %}
    {{ return(name) }}
  {% endif %}
  {% for length in range(count, 0, -1) %}
    {% if name[:length].encode('utf-8') | length <= count %}
      {{ return(name[:length]) }}
    {% endif %}
  {% endfor %}
  {{ return('') }}
{% endmacro %}

{% macro postgres__make_intermediate_relation(base_relation, suffix) %}
  {{ return(postgres__make_relation_with_suffix(base_relation, suffix, dstring=False)) }}
{% endmacro %}

{% macro postgres__make_temp_relation(base_relation, suffix) %}
  {{ return(postgres__make_relation_with_suffix(base_relation, suffix, dstring=True).incorporate(
    path={"schema": none, "database": none}
  )) }}
{% endmacro %}

{% macro postgres__make_backup_relation(base_relation, backup_relation_type, suffix) %}
  {{ return(postgres__make_relation_with_suffix(base_relation, suffix, dstring=False).incorporate(
    type=backup_relation_type
  )) }}
{% endmacro %}
