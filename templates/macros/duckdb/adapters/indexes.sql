{#- The name is a fingerprint of the index and of the table it is on, so it is the same in every run.
    The indexes of a table go when it is replaced (drop_indexes_on_relation), so names do not collide. -#}
{% macro duckdb__get_create_index_sql(relation, index_dict) -%}
  {%- if index_dict is not mapping or not index_dict.columns or index_dict.columns is string -%}
    {%- do exceptions.raise_compiler_error(
      "an index is given as `columns`, a list of names, and `unique`, got: " ~ index_dict
    ) -%}
  {%- endif -%}
  {%- set columns_csv = index_dict.columns | join(', ') -%}
  {%- set unique = 'unique ' if index_dict.unique else '' -%}
  {%- set name = local_md5(columns_csv ~ '_' ~ relation.render() ~ '_' ~ unique) -%}
  create {{ unique }}index "{{ name }}" on {{ relation }} ({{ columns_csv }});
{%- endmacro %}


{#- Drops them all: DuckDB does not rename a table that has indexes. No transaction is begun, because
    this also runs after the commit, when nobody would end it. -#}
{% macro drop_indexes_on_relation(relation) -%}
  {% call statement('get_indexes_on_relation', fetch_result=True, auto_begin=False) %}
    select index_name
    from duckdb_indexes()
    where database_name = '{{ relation.database }}'
      and schema_name = '{{ relation.schema }}'
      and table_name = '{{ relation.identifier }}'
  {% endcall %}
  {% for row in load_result('get_indexes_on_relation').table %}
    {% call statement('drop_index_' ~ loop.index, auto_begin=False) %}
      drop index "{{ relation.database }}"."{{ relation.schema }}"."{{ row[0] }}"
    {% endcall %}
  {% endfor %}
{%- endmacro %}
