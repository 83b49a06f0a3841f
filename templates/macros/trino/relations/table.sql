{#- `on_exists` is `replace`, `skip` or none. With a contract the table is made first, with its columns
    and their constraints, and then filled. What is temporary is a table like any other here. -#}
{% macro trino__create_table_as(temporary, relation, sql, on_exists=none) -%}
  {%- set replace = ' or replace' if on_exists == 'replace' else '' -%}
  {%- set skip = ' if not exists' if on_exists == 'skip' else '' -%}
  {%- set sql_header = config.get('sql_header', none) -%}
  {%- if temporary -%}
    {#- left behind by a run that was killed -#}
    {%- do drop_relation_if_exists(load_cached_relation(relation)) -%}
    {%- do adapter.drop_after_failure(relation.incorporate(type='table')) -%}
  {%- endif -%}
  {{ sql_header if sql_header is not none }}
  {%- if config.get('contract').enforced %}
  create{{ replace }} table{{ skip }}
    {{ relation }}
    {{ get_table_columns_and_constraints() }}
    {{ get_assert_columns_equivalent(sql) }}
    {{ comment(model.get('description')) }}
    {{ properties(temporary) }}
  ;
  insert into {{ relation }} (
    {{ get_select_subquery(sql) }}
  )
  ;
  {%- else %}
  create{{ replace }} table{{ skip }} {{ relation }}
    {{ comment(model.get('description')) }}
    {{ properties(temporary) }}
  as (
    {{ sql }}
  );
  {%- endif %}
{%- endmacro %}

