{#- A model whose rows are kept in files outside of the database: they are built in a table, written to
    the `location`, and read through a view that takes the model's name. -#}
{% materialization external, adapter="duckdb", supported_languages=['sql'] %}

  {%- if config.get('plugin') or config.get('glue_register') -%}
    {%- do exceptions.raise_compiler_error(
      "an external model cannot be registered with a plugin or with Glue; remove `plugin` and `glue_register`"
    ) -%}
  {%- endif -%}

  {%- set location = render(config.get('location', default=external_location(this, config))) -%}
  {%- set options = duckdb__external_write_options(location, render_write_options(config)) -%}
  {%- set formats = ['csv', 'parquet', 'json'] -%}
  {%- if config.get('format') and config.get('format') not in formats -%}
    {%- do exceptions.raise_compiler_error(
      "Invalid format: " ~ config.get('format') ~ ". Allowed formats are: " ~ formats | join(', ')
    ) -%}
  {%- endif -%}
  {%- set written_format = options['format'] | lower -%}
  {%- set format = written_format if written_format in formats else 'parquet' -%}

  {%- set existing_relation = load_cached_relation(this) -%}
  {%- set target_relation = this.incorporate(type='view') -%}
  {%- set rows_relation = make_intermediate_relation(this.incorporate(type='table'), suffix='__dbt_tmp') -%}
  {%- set intermediate_relation = make_intermediate_relation(target_relation, suffix='__dbt_int') -%}
  {%- set backup_type = 'table' if existing_relation is none else existing_relation.type -%}
  {%- set backup_relation = make_backup_relation(target_relation, backup_type) -%}
  {%- set leftovers = [
    load_cached_relation(intermediate_relation),
    load_cached_relation(rows_relation),
    load_cached_relation(backup_relation)
  ] -%}
  {%- set grant_config = config.get('grants') -%}

  {% for leftover in leftovers %}
    {{ drop_relation_if_exists(leftover) }}
  {% endfor %}
  {{ run_hooks(pre_hooks, inside_transaction=False) }}

  {#- the transaction begins with the first statement from here on -#}
  {{ run_hooks(pre_hooks, inside_transaction=True) }}

  {% call statement('create_table') -%}
    {{ create_table_as(False, rows_relation, compiled_code, 'sql') }}
  {%- endcall %}

  {#- a file without rows does not tell the types of its columns, so one of nulls is written then, and
      the view does not show it -#}
  {%- set column_names = get_list_of_column_names(adapter.get_columns_in_relation(rows_relation)) -%}
  {%- set is_empty = run_query('select count(*) from ' ~ rows_relation).rows[0][0] == 0 -%}
  {%- set nulls = [] -%}
  {%- set conditions = [] -%}
  {% if is_empty %}
    {% for name in column_names %}
      {% do nulls.append('null') %}
      {% do conditions.append(adapter.quote(name) ~ ' is not null') %}
    {% endfor %}
    {% call statement('fill_empty_table') -%}
      insert into {{ rows_relation }} values ({{ nulls | join(', ') }})
    {%- endcall %}
  {% endif %}

  {#- DuckDB writes another file, which then takes the name: the former one is kept until the transaction ends -#}
  {% if not options.get('partition_by') and not options.get('per_thread_output')
    and (options.get('use_tmp_file', true) | string | lower) in ['true', '1'] %}
    {% do adapter.restore_file_after_failure(location) %}
  {% endif %}
  {% do write_to_file(rows_relation, location, duckdb__external_options_sql(options)) %}

  {% call statement('main') -%}
    create or replace view {{ intermediate_relation }} as (
      select *
      from {{ duckdb__external_reader(format, duckdb__external_read_location(location, options), options) }}
      {{ 'where ' ~ conditions | join(' and ') if conditions }}
    );
  {%- endcall %}

  {% if existing_relation is not none %}
    {% do adapter.rename_relation(existing_relation, backup_relation) %}
  {% endif %}
  {% do adapter.rename_relation(intermediate_relation, target_relation) %}

  {{ run_hooks(post_hooks, inside_transaction=True) }}

  {% do apply_grants(
    target_relation, grant_config,
    should_revoke=should_revoke(existing_relation, full_refresh_mode=True)
  ) %}
  {% do persist_docs(target_relation, model) %}

  {% do adapter.commit() %}

  {{ drop_relation_if_exists(backup_relation) }}
  {{ drop_relation_if_exists(rows_relation) }}
  {{ run_hooks(post_hooks, inside_transaction=False) }}

  {{ return({'relations': [target_relation]}) }}

{% endmaterialization %}
