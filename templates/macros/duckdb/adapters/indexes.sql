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


{#- Drops them all: DuckDB does not rename a table that has indexes. Only a table that has some is looked
    up in duckdb_indexes(), which fails when another connection drops any table at that moment. No
    transaction is begun, so that this can also run after a commit, when nobody would end it. -#}
{% macro drop_indexes_on_relation(relation) -%}
  {% set index_counts = run_query(
    "select index_count from duckdb_tables() where index_count > 0 and " ~ duckdb__same_table_condition(relation)
  ) %}
  {% if index_counts.rows | length > 0 %}
    {% call statement('get_indexes_on_relation', fetch_result=True, auto_begin=False) %}
      select index_name
      from duckdb_indexes()
      where {{ duckdb__same_table_condition(relation) }}
    {% endcall %}
    {% for row in load_result('get_indexes_on_relation').table %}
      {% call statement('drop_index_' ~ loop.index, auto_begin=False) %}
        drop index {{ relation.without_identifier() }}.{{ adapter.quote(row[0]) }}
      {% endcall %}
    {% endfor %}
  {% endif %}
{%- endmacro %}
