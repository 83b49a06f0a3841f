{#- A query that speaks of `_dbt_max_partition` gets it: the last partition of the table as it is. -#}
{% macro declare_dbt_max_partition(relation, partition_by, compiled_code, language='sql') %}
  {%- if '_dbt_max_partition' in compiled_code and language == 'sql' and partition_by is not none -%}
    declare _dbt_max_partition {{ partition_by.data_type_for_partition() }} default (
      select max({{ partition_by.field }}) from {{ this }}
      where {{ partition_by.field }} is not null
    );
  {%- endif -%}
{% endmacro %}

{#- A condition that is always true and names the partition's column, for tables that are read only so. -#}
{% macro predicate_for_avoid_require_partition_filter(target='DBT_INTERNAL_DEST') %}
  {%- set partition_config = adapter.parse_partition_by(config.get('partition_by', none)) -%}
  {%- if partition_config is none or not config.get('require_partition_filter') -%}
    {{ return(none) }}
  {%- endif -%}
  {%- set field = partition_config.time_partitioning_field()
    if partition_config.time_ingestion_partitioning else partition_config.field -%}
  {%- set column = '`' ~ target ~ '`.`' ~ field ~ '`' -%}
  {{ return('(' ~ column ~ ' is null or ' ~ column ~ ' is not null)') }}
{% endmacro %}
