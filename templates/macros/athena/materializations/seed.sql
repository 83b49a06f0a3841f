{#- A seed goes to S3 as a file, over which a table of texts is laid for as long as it takes to read it. With
    `seed_by_insert` its rows are inserted. Athena empties no table of Hive, so the former one is dropped. -#}
{% macro athena__reset_csv_table(model, full_refresh, old_relation, agate_table) %}
  {%- do adapter.drop_relation(old_relation) -%}
  {{ return(create_csv_table(model, agate_table)) }}
{% endmacro %}

{% macro athena__create_csv_table(model, agate_table) %}
  {%- do athena_check_config() -%}
  {%- if config.get('seed_by_insert') -%}
    {{ return(create_csv_table_insert(model, agate_table)) }}
  {%- endif -%}
  {{ return(create_csv_table_upload(model, agate_table)) }}
{% endmacro %}

{#- The columns of a seed: name and type, as the config `column_types` or the values say. -#}
{% macro athena_seed_columns(model, agate_table) %}
  {%- set configured = model['config'].get('column_types', {}) -%}
  {%- set columns = [] -%}
  {%- for name in agate_table.column_names -%}
    {%- do columns.append([name | string, configured.get(name, adapter.convert_type(agate_table, loop.index0))]) -%}
  {%- endfor -%}
  {{ return(columns) }}
{% endmacro %}

{% macro create_csv_table_insert(model, agate_table) %}
  {%- set relation = this.incorporate(type='table') -%}
  {%- set location = adapter.generate_s3_location(
    relation, config.get('s3_data_dir'), config.get('s3_data_naming'), config.get('s3_tmp_table_dir'),
    config.get('external_location'), False
  ) -%}
  {%- set lines = [] -%}
  {%- for name, data_type in athena_seed_columns(model, agate_table) -%}
    {%- do lines.append('`' ~ name ~ '` ' ~ ddl_data_type(data_type)) -%}
  {%- endfor -%}
  {%- set sql -%}
    create external table {{ relation.render_hive() }} ({{ lines | join(', ') }})
    stored as parquet
    location '{{ location }}/'
  {%- endset -%}
  {% call statement('_') -%}
    {{ sql }}
  {%- endcall %}
  {{ return(sql) }}
{% endmacro %}

{% macro create_csv_table_upload(model, agate_table) %}
  {%- set relation = this.incorporate(type='table') -%}
  {%- set texts = this.incorporate(path={'identifier': this.identifier ~ '__dbt_tmp'}, type='table') -%}
  {#- left behind by a run that was killed; before the file is written, as it may lie in the same place -#}
  {%- do adapter.drop_relation(texts) -%}
  {%- do adapter.drop_after_failure(texts) -%}
  {%- set location = adapter.generate_s3_location(
    texts, config.get('s3_data_dir'), config.get('s3_data_naming'), config.get('s3_tmp_table_dir'), none, True
  ) -%}
  {%- do adapter.athena_seed_place(location, config.get('seed_s3_upload_args')) -%}
  {%- do adapter.load_dataframe(texts.database, texts.schema, texts.identifier, agate_table, {}) -%}

  {%- set lines = [] -%}
  {%- set values = [] -%}
  {%- for name, data_type in athena_seed_columns(model, agate_table) -%}
    {%- do lines.append('`' ~ name ~ '` string') -%}
    {%- set column = adapter.quote(name) -%}
    {%- do values.append('cast(nullif(' ~ column ~ ", '') as " ~ dml_data_type(data_type) ~ ') as ' ~ column) -%}
  {%- endfor -%}
  {% call statement('create_seed_texts') -%}
    create external table {{ texts.render_hive() }} ({{ lines | join(', ') }})
    row format serde 'org.apache.hadoop.hive.serde2.OpenCSVSerde'
    location '{{ location }}/'
    tblproperties ('skip.header.line.count' = '1')
  {%- endcall %}
  {%- set sql = create_table_as(False, relation, 'select ' ~ values | join(', ') ~ '\nfrom ' ~ texts) -%}
  {% call statement('_') -%}
    {{ sql }}
  {%- endcall %}
  {#- with the table goes the file -#}
  {%- do adapter.drop_relation(texts) -%}
  {{ return(sql) }}
{% endmacro %}

{#- A file has brought its rows already. -#}
{% macro athena__load_csv_rows(model, agate_table) %}
  {%- if config.get('seed_by_insert') -%}
    {%- do adapter.load_seed(this, agate_table) -%}
  {%- endif -%}
  {{ return('') }}
{% endmacro %}
