{% macro journal() %}
  {{ return(api.Relation.create(database=target.database, schema=target.schema, identifier='journal')) }}
{% endmacro %}

{% macro create_journal() %}
  create table if not exists {{ journal() }} (entry {{ dbt.type_string() }})
{% endmacro %}

{% macro write_journal(entry) %}
  insert into {{ journal() }} values ('{{ entry }}')
{% endmacro %}
