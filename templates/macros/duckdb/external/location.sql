{#- Where an external model is written unless it says: under the profile's `external_root`, a file, or a
    folder where it is partitioned. -#}
{%- macro external_location(relation, config) -%}
  {{ target.external_root or '.' }}/{{ relation.identifier }}
  {%- if not (config.get('options') or {}).get('partition_by') -%}
    .{{ config.get('format') or 'parquet' }}
  {%- endif -%}
{%- endmacro -%}


{#- What to read to get all that was written: every file of the folder where there are several. -#}
{%- macro duckdb__external_read_location(location, options) -%}
  {%- set parts = [location] -%}
  {%- if options.get('partition_by') or options.get('per_thread_output') -%}
    {%- do parts.append('*') -%}
    {%- if options.get('partition_by') -%}
      {%- for column in (options.get('partition_by') | string).split(',') -%}
        {%- do parts.append('*') -%}
      {%- endfor -%}
    {%- endif -%}
    {{ return(parts | join('/') ~ '.' ~ options.get('format', 'parquet')) }}
  {%- endif -%}
  {{ return(location) }}
{%- endmacro -%}


{#- Whether something can be read there. DuckDB is asked for the files; none is no error. -#}
{% macro location_exists(location) -%}
  {{ return(run_query(
    "select count(*) from glob('" ~ location | replace("'", "''") ~ "')"
  ).rows[0][0] > 0) }}
{%- endmacro %}


{% macro write_to_file(relation, location, options) -%}
  {% call statement('write_to_file') -%}
    copy {{ relation }} to '{{ location | replace("'", "''") }}' ({{ options }})
  {%- endcall %}
{%- endmacro %}


{#- Plugins that take a relation over are not supported. -#}
{% macro store_relation(plugin, relation, location, format, config) -%}
  {% do exceptions.raise_compiler_error("plugins are not supported, so `" ~ plugin ~ "` cannot store " ~ relation) %}
{%- endmacro %}
