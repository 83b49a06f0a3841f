{#- How DuckLake lays the files of a table out: `partitioned_by` (or `partition_by`) and `sorted_by` (or
    `sort_by`). Other catalogs have no such thing; the configs are ignored there with a warning. -#}

{% macro duckdb__get_partitioned_by(relation, temporary) -%}
  {%- set columns = duckdb__get_layout_columns(relation, temporary, 'partitioned_by', 'partition_by') -%}
  {{ return(columns | join(', ') if columns else none) }}
{%- endmacro %}

{% macro duckdb__get_sorted_by(relation, temporary) -%}
  {%- set columns = duckdb__get_layout_columns(relation, temporary, 'sorted_by', 'sort_by') -%}
  {%- set quoted = [] -%}
  {%- for column in columns -%}
    {%- do quoted.append(adapter.quote(column | replace('"', '""'))) -%}
  {%- endfor -%}
  {{ return(quoted | join(', ') if quoted else none) }}
{%- endmacro %}

{#- The columns that the config names, if they apply to this relation: not to a temporary or an
    intermediate one. -#}
{% macro duckdb__get_layout_columns(relation, temporary, config_name, short_name) -%}
  {%- set given = config.get(config_name, none) or config.get(short_name, none) -%}
  {%- if temporary or given is none or given == '' -%}
    {{ return([]) }}
  {%- endif -%}

  {%- set label = config_name ~ '/' ~ short_name -%}
  {%- set columns = normalize_string_or_list(given, label) -%}
  {%- if columns | length == 0 -%}
    {%- do exceptions.raise_compiler_error(label ~ " must contain at least one column") -%}
  {%- endif -%}
  {%- if relation.identifier and this.identifier and relation.identifier != this.identifier -%}
    {{ return([]) }}
  {%- endif -%}
  {%- if not duckdb__is_ducklake(relation) -%}
    {%- do exceptions.warn(label ~ " is only supported for DuckLake relations; ignoring for " ~ relation) -%}
    {{ return([]) }}
  {%- endif -%}
  {{ return(columns) }}
{%- endmacro %}

{% macro duckdb__set_table_layout_sql(relation, partitioned_by, sorted_by) -%}
  {%- if partitioned_by -%}
    {{ duckdb__alter_table_set_partitioned_by(relation, partitioned_by) }}
  {%- endif %}
  {% if sorted_by -%}
    {{ duckdb__alter_table_set_sorted_by(relation, sorted_by) }}
  {%- endif -%}
{%- endmacro %}

{% macro duckdb__alter_table_set_partitioned_by(relation, partitioned_by) -%}
  alter table {{ relation }} set partitioned by ({{ partitioned_by }});
{%- endmacro %}

{% macro duckdb__alter_table_set_sorted_by(relation, sorted_by) -%}
  alter table {{ relation }} set sorted by ({{ sorted_by }});
{%- endmacro %}
