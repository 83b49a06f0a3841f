{#- Where rows are kept (`dist`: a column, `all`, `even` or `auto`) and in which order (`sort`, `sort_type`), whether
    the table is part of snapshots of the cluster (`backup`). -#}
{% macro redshift__create_table_as(temporary, relation, sql) -%}
  {%- set sql_header = config.get('sql_header', none) -%}
  {%- set contract_enforced = config.get('contract').enforced -%}
  {%- set backup = 'backup no' if not temporary and config.get('backup') == false else '' -%}
  {%- set layout -%}
    {{ dist(config.get('dist')) }} {{ sort(config.get('sort_type', 'compound'), config.get('sort')) }}
  {%- endset -%}

  {{ sql_header if sql_header is not none }}
  {%- if contract_enforced %}
  {{ get_assert_columns_equivalent(sql) }}
  create {{ 'temporary ' if temporary }}table {{ relation.include(database=(not temporary), schema=(not temporary)) }}
  {{ get_table_columns_and_constraints() }}
  {{ backup }} {{ layout }};
  insert into {{ relation.include(database=(not temporary), schema=(not temporary)) }} (
    {{ adapter.dispatch('get_column_names', 'dbt')() }}
  ) (
    {{ get_select_subquery(sql) }}
  );
  {%- else %}
  create {{ 'temporary ' if temporary }}table {{ relation.include(database=(not temporary), schema=(not temporary)) }}
  {{ backup }} {{ layout }}
  as (
    {{ sql }}
  );
  {%- endif -%}
{%- endmacro %}


{% macro dist(dist) %}
  {%- if dist is not none -%}
    {%- set style = dist.strip().lower() -%}
    {%- if style in ['all', 'even', 'auto'] -%}
      diststyle {{ style }}
    {%- else -%}
      diststyle key distkey ({{ dist.strip() }})
    {%- endif -%}
  {%- endif -%}
{%- endmacro -%}


{% macro sort(sort_type, sort) %}
  {%- if sort is not none -%}
    {%- set columns = [sort] if sort is string else sort -%}
    {%- if columns | length == 1 and columns[0].strip().lower() == 'auto' -%}
      sortkey auto
    {%- else -%}
      {%- if sort_type not in ['compound', 'interleaved'] -%}
        {%- do exceptions.raise_compiler_error(
          "`sort_type` is 'compound' or 'interleaved', not '" ~ sort_type ~ "'"
        ) -%}
      {%- endif -%}
      {{ sort_type }} sortkey ({{ columns | join(', ') }})
    {%- endif -%}
  {%- endif -%}
{%- endmacro -%}


{#- Redshift has no indexes; sort keys take their place. -#}
{% macro redshift__get_create_index_sql(relation, index_dict) %}
  {%- do exceptions.raise_compiler_error("Redshift has no indexes: remove `indexes` and name columns in `sort`") -%}
{% endmacro %}

{% macro redshift__create_indexes(relation) %}
  {%- if config.get('indexes') -%}
    {{ redshift__get_create_index_sql(relation, none) }}
  {%- endif -%}
{% endmacro %}
