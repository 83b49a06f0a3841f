{#- A temporary table belongs to the connection and has no schema. The time in its name keeps two builds
    on one connection apart. -#}
{% macro duckdb__make_temp_relation(base_relation, suffix) %}
  {{ return(base_relation.incorporate(path={
    "identifier": base_relation.identifier ~ suffix ~ py_current_timestring(),
    "schema": none,
    "database": none
  })) }}
{% endmacro %}


{#- Where new rows wait before they are taken over, and whether that is a temporary table. MotherDuck
    has none on its side, so there it is a table of the schema `dbt_temp`, named after the target (and
    the batch) so that the next run finds and drops what a killed one left. -#}
{% macro duckdb__dispatch_temporary_relation(target_relation, batch_id='') %}
  {% if not duckdb__is_motherduck() %}
    {{ return({'relation': make_temp_relation(target_relation), 'temporary': true}) }}
  {% endif %}

  {% set parts = [target_relation.schema, target_relation.identifier] %}
  {% if batch_id %}
    {% do parts.append(batch_id) %}
  {% endif %}
  {% set relation = target_relation.incorporate(path={
    "schema": 'dbt_temp', "identifier": parts | join('__')
  }) %}
  {% do create_schema(relation) %}
  {% do adapter.drop_relation(relation) %}
  {% do adapter.commit() %}
  {{ return({'relation': relation, 'temporary': false}) }}
{% endmacro %}
