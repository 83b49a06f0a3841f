{#- Rows of the ledger are deleted, which only tables of Iceberg allow. -#}
{% macro athena__quern_create_ledger(relation) %}
  {%- do create_schema(relation) -%}
  {%- set location = adapter.generate_s3_location(relation, none, none, none, none, False) -%}
  {%- call statement('quern_create_ledger') -%}
    create table if not exists {{ relation.render_hive() }} (
      model string,
      relation string,
      window_start timestamp,
      window_end timestamp,
      session_time timestamp,
      code string,
      row_count bigint,
      invocation_id string,
      finished_at timestamp
    )
    location '{{ location }}/'
    tblproperties ('table_type' = 'ICEBERG')
  {%- endcall -%}
  {%- do adapter.cache_added(relation.incorporate(type='table')) -%}
{% endmacro %}
