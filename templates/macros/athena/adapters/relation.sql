{#- A table is its files in S3 and its entry in Glue: both go. With the config `native_drop` the engine does it, for
    views and for tables of Iceberg, where whoever runs this may not delete files. -#}
{% macro athena__drop_relation(relation) -%}
  {%- set kind = none -%}
  {%- if config is defined and config.get('native_drop') -%}
    {%- set kind = 'view' if relation.is_view else adapter.get_glue_table_type(relation) -%}
  {%- endif -%}
  {%- if kind in ['view', 'iceberg_table'] -%}
    {%- call statement('drop_relation', auto_begin=False) -%}
      {%- if kind == 'view' -%}
        drop view if exists {{ relation }}
      {%- else -%}
        drop table if exists {{ relation.render_hive() }}
      {%- endif -%}
    {%- endcall -%}
  {%- else -%}
    {%- do drop_relation_glue(relation) -%}
  {%- endif -%}
{%- endmacro %}

{% macro drop_relation_glue(relation) -%}
  {%- do log('Dropping by Glue and S3: ' ~ relation) -%}
  {%- if not relation.is_view -%}
    {%- do adapter.clean_up_table(relation) -%}
  {%- endif -%}
  {%- do adapter.delete_from_glue_catalog(relation) -%}
{%- endmacro %}

{#- Takes the entry out of Glue and leaves the files: they may be those of another table by now. -#}
{% macro athena_forget_relation(relation) -%}
  {%- do adapter.delete_from_glue_catalog(relation) -%}
  {%- do adapter.cache_dropped(relation) -%}
{%- endmacro %}

{% macro athena__rename_relation(from_relation, to_relation) -%}
  {% call statement('rename_relation') -%}
    alter table {{ from_relation.render_hive() }} rename to {{ to_relation.render_hive() }}
  {%- endcall %}
{%- endmacro %}

{#- No statement empties a table of Hive. -#}
{% macro athena__truncate_relation(relation) -%}
  {%- if adapter.get_glue_table_type(relation) == 'iceberg_table' -%}
    {%- do run_query('delete from ' ~ relation) -%}
  {%- else -%}
    {%- do adapter.clean_up_table(relation) -%}
  {%- endif -%}
{%- endmacro %}

{#- What other services of AWS read a table by. -#}
{% macro set_table_classification(relation) -%}
  {%- call statement('set_table_classification', auto_begin=False) -%}
    alter table {{ relation.render_hive() }} set tblproperties ('classification' = '{{ config.get('format', 'parquet') }}')
  {%- endcall -%}
{%- endmacro %}
