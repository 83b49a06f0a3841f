{#- An index keeps its name when its table is renamed, so the time is in the name: the index of the next
    table must not be taken for the one that waits on the backup. -#}
{% macro postgres__get_create_index_sql(relation, index_dict) -%}
  {%- if index_dict is not mapping or not index_dict.columns or index_dict.columns is string -%}
    {%- do exceptions.raise_compiler_error(
      "an index is given as `columns`, a list of names, `unique` and `type`, got: " ~ index_dict
    ) -%}
  {%- endif -%}
  {%- set columns_csv = index_dict.columns | join(', ') -%}
  {%- set name = local_md5(
    [columns_csv, relation.render(), index_dict.unique or false, index_dict.type or '', py_current_timestring()] | join('_')
  ) -%}
  create {{ 'unique ' if index_dict.unique }}index if not exists "{{ name }}"
  on {{ relation }} {{ 'using ' ~ index_dict.type if index_dict.type }} ({{ columns_csv }})
{%- endmacro %}

{%- macro postgres__get_drop_index_sql(relation, index_name) -%}
  drop index if exists {{ relation.include(database=false, identifier=false) }}.{{ adapter.quote(index_name) }}
{%- endmacro -%}

{#- What an index of expressions is made of stands in the words of the server. -#}
{% macro postgres__get_show_indexes_sql(relation) %}
    select
        names.relname as name,
        methods.amname as method,
        indexes.indisunique as "unique",
        array_to_string(array_agg(
            case
                when keys.attnum = 0 then pg_get_indexdef(indexes.indexrelid, keys.place::integer, true)
                else columns.attname
            end
            order by keys.place
        ), ',') as column_names
    from pg_index as indexes
    join pg_class as names on names.oid = indexes.indexrelid
    join pg_am as methods on methods.oid = names.relam
    join pg_class as relations on relations.oid = indexes.indrelid
    join pg_namespace as schemas on schemas.oid = relations.relnamespace
    cross join unnest(indexes.indkey) with ordinality as keys (attnum, place)
    left join pg_attribute as columns
        on columns.attrelid = relations.oid
        and columns.attnum = keys.attnum
    where relations.relname = '{{ relation.identifier | replace("'", "''") }}'
      and schemas.nspname = '{{ relation.schema | replace("'", "''") }}'
      and relations.relkind in ('r', 'm')
    group by 1, 2, 3
    order by 1, 2, 3
{% endmacro %}
