{#- DuckDB neither renames nor drops a table that a foreign key refers to, nor can it drop a foreign key,
    and it does not follow the rename of a table that has one. So a table with foreign keys is built
    under its final name, and the tables that refer to a table which is replaced are dropped before it,
    their rows kept, to be built again later in the same run. -#}

{#- Whether the model's contract or the table as it is has foreign keys. -#}
{% macro has_foreign_key_constraints(relation=none) -%}
  {{ return(
    'foreign_key' in enforced_constraint_types() or 'foreign_key' in existing_constraint_types(relation)
  ) }}
{%- endmacro %}

{#- Whether a foreign key may refer to the table: it has to have a key of its own. -#}
{% macro may_be_foreign_key_target(relation=none) -%}
  {%- set types = enforced_constraint_types() + existing_constraint_types(relation) -%}
  {{ return('primary_key' in types or 'unique' in types) }}
{%- endmacro %}


{#- The types of the constraints that the model's contract declares. -#}
{% macro enforced_constraint_types() -%}
  {%- set types = [] -%}
  {%- if config.get('contract').enforced -%}
    {%- for constraint in model.get('constraints') or [] -%}
      {%- do types.append(constraint.type | string) -%}
    {%- endfor -%}
    {%- for column in (model.get('columns') or {}).values() -%}
      {%- for constraint in column.get('constraints') or [] -%}
        {%- do types.append(constraint.type | string) -%}
      {%- endfor -%}
    {%- endfor -%}
  {%- endif -%}
  {{ return(types) }}
{%- endmacro %}

{#- The types of the constraints that the table has, under the names that contracts use. -#}
{% macro existing_constraint_types(relation) -%}
  {%- if relation is none or not relation.is_table -%}
    {{ return([]) }}
  {%- endif -%}
  {%- set rows = run_query(
    "select distinct lower(replace(constraint_type, ' ', '_')) from duckdb_constraints() where "
    ~ duckdb__same_table_condition(relation)
  ) -%}
  {%- set types = [] -%}
  {%- for row in rows -%}
    {%- do types.append(row[0]) -%}
  {%- endfor -%}
  {{ return(types) }}
{%- endmacro %}


{#- Drops a table within the transaction in which it is built again, after the tables that refer to it. -#}
{% macro drop_relation_for_rebuild(relation) -%}
  {#- a drop does not begin a transaction; without one, a failed build would lose the table -#}
  {% call statement('begin_rebuild', auto_begin=True) %}
    select 1
  {% endcall %}
  {%- set dropped = drop_foreign_key_dependents(relation)
    if relation.is_table and may_be_foreign_key_target(relation) else [] -%}
  {% do adapter.drop_relation(relation) %}
  {{ return(dropped) }}
{%- endmacro %}


{#- Drops the tables that refer to this one, directly or through others, and returns them with the names
    under which their rows are kept. Only tables that this run builds from nothing anyway are dropped;
    any other is an error, so that no rows are lost. -#}
{% macro drop_foreign_key_dependents(relation) -%}
  {% call statement('get_foreign_key_dependents', fetch_result=True) %}
    with recursive foreign_keys as (
        select distinct table_name, referenced_table
        from duckdb_constraints()
        where constraint_type = 'FOREIGN KEY'
          and lower(table_name) <> lower(referenced_table)
          and {{ duckdb__same_schema_condition(relation) }}
    ),

    dependents(table_name, depth) as (
        select table_name, 1
        from foreign_keys
        where lower(referenced_table) = lower('{{ relation.identifier | replace("'", "''") }}')
        union
        select foreign_keys.table_name, dependents.depth + 1
        from foreign_keys
        join dependents on lower(foreign_keys.referenced_table) = lower(dependents.table_name)
    )

    select dependents.table_name, lower(foreign_keys.referenced_table) as referenced_table
    from (select table_name, max(depth) as depth from dependents group by table_name) as dependents
    join foreign_keys using (table_name)
    order by dependents.depth desc, 1, 2
  {% endcall %}

  {#- table to the tables it refers to, the deepest first: the order in which they can be dropped -#}
  {% set referenced_by = {} %}
  {% for row in load_result('get_foreign_key_dependents').table %}
    {% if row[0] not in referenced_by %}
      {% do referenced_by.update({row[0]: []}) %}
    {% endif %}
    {% do referenced_by[row[0]].append(row[1]) %}
  {% endfor %}
  {% if not referenced_by %}
    {{ return([]) }}
  {% endif %}

  {% do duckdb__check_dependents_are_rebuilt(relation, referenced_by) %}

  {% set dropped = [] %}
  {% for table in referenced_by %}
    {% set dependent = relation.incorporate(path={'identifier': table}, type='table') %}
    {% set backup = relation.incorporate(path={'identifier': table ~ '__dbt_fk_backup'}, type='table') %}
    {% do adapter.drop_relation(backup) %}
    {% call statement('backup_foreign_key_dependent_' ~ loop.index) %}
      create table {{ backup }} as select * from {{ dependent }}
    {% endcall %}
    {% do log("Dropping " ~ dependent ~ " because it references " ~ relation
      ~ " through a foreign key; it is rebuilt later in this run", info=True) %}
    {% do adapter.drop_relation(dependent) %}
    {% do dropped.append({'relation': dependent, 'backup': backup}) %}
  {% endfor %}
  {{ return(dropped) }}
{%- endmacro %}


{#- Every one of the tables must be the table of a model that is selected, comes after this one, and is
    built from nothing. -#}
{% macro duckdb__check_dependents_are_rebuilt(relation, referenced_by) -%}
  {% set nodes = {} %}
  {% set ids = {relation.identifier | lower: model.unique_id} %}
  {% for node in graph.nodes.values() if node.resource_type == 'model'
    and (node.database or '') | lower == (relation.database or '') | lower
    and (node.schema or '') | lower == relation.schema | lower %}
    {% for table in referenced_by if table | lower == (node.alias or node.name) | lower %}
      {% do nodes.update({table: node}) %}
      {% do ids.update({table | lower: node.unique_id}) %}
    {% endfor %}
  {% endfor %}

  {% set problems = [] %}
  {% for table, referenced_tables in referenced_by.items() %}
    {% set node = nodes.get(table) %}
    {% if node is none %}
      {% do problems.append(table ~ " (not built by a dbt model in this project)") %}
    {% elif node.unique_id not in selected_resources %}
      {% do problems.append(table ~ " (model " ~ node.name ~ " is not selected in this run)") %}
    {% else %}
      {% set upstream = [] %}
      {% for referenced in referenced_tables if ids.get(referenced) in node.depends_on.nodes %}
        {% do upstream.append(referenced) %}
      {% endfor %}
      {% set own_full_refresh = node.config.full_refresh %}
      {% set full_refresh = flags.FULL_REFRESH if own_full_refresh is none or own_full_refresh is undefined else own_full_refresh %}
      {% if not upstream %}
        {% do problems.append(table ~ " (model " ~ node.name ~ " does not ref() the table its foreign key points at, "
          ~ "so dbt may not rebuild it afterwards; use `to: ref(...)` in the constraint)") %}
      {% elif node.config.materialized != 'table'
        and not (node.config.materialized == 'incremental' and full_refresh) %}
        {% do problems.append(table ~ " (model " ~ node.name ~ " is materialized as " ~ node.config.materialized
          ~ " and would lose its data; run with --full-refresh)") %}
      {% endif %}
    {% endif %}
  {% endfor %}

  {% if problems %}
    {% do exceptions.raise_compiler_error(
      "Cannot replace " ~ relation ~ " because DuckDB does not allow replacing a table that a foreign key "
      ~ "references, and only referencing tables that this run will rebuild can be dropped. "
      ~ "Problem tables: " ~ problems | join("; ")
    ) %}
  {% endif %}
{%- endmacro %}


{#- Gives the kept rows their table's name back, so that it can be read until it is built again. -#}
{% macro restore_foreign_key_dependents(dropped) -%}
  {% for item in dropped | reverse %}
    {% do log("Restoring data for " ~ item['relation'] ~ "; its constraints are rebuilt later in this run", info=True) %}
    {% do adapter.rename_relation(item['backup'], item['relation']) %}
  {% endfor %}
{%- endmacro %}
