{#- What kind of catalog a relation is in. Read from the profile, so that nothing is asked of the
    database. -#}

{#- Whether the session is connected to MotherDuck. -#}
{% macro duckdb__is_motherduck() %}
  {% set path = (target.path or '') | string | lower %}
  {{ return(path.startswith('md:') or path.startswith('motherduck:')) }}
{% endmacro %}

{#- Whether the relation is in a DuckLake: attached by a path that says so, or declared as one. -#}
{% macro duckdb__is_ducklake(relation) %}
  {% if not relation or not relation.database %}
    {{ return(false) }}
  {% endif %}
  {% if relation.database == target.database
    and (target.is_ducklake or 'ducklake:' in ((target.path or '') | string | lower)) %}
    {{ return(true) }}
  {% endif %}
  {% for attached in target.attach or [] if attached.alias == relation.database %}
    {% if attached.is_ducklake or 'ducklake:' in ((attached.path or '') | string | lower) %}
      {{ return(true) }}
    {% endif %}
  {% endfor %}
  {{ return(false) }}
{% endmacro %}
