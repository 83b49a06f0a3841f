{#- The `options` config, with `format` and `delimiter`, which may also stand beside it. -#}
{% macro render_write_options(config) -%}
  {%- set given = config.get('options', {}) -%}
  {%- if given is not mapping -%}
    {%- do exceptions.raise_compiler_error("The options argument must be a dictionary") -%}
  {%- endif -%}
  {%- set options = {} -%}
  {%- for name, value in given.items() -%}
    {%- do options.update({name: render(value) if value is string else value}) -%}
  {%- endfor -%}
  {%- for name in ['format', 'delimiter'] if config.get(name) -%}
    {%- do options.update({name: render(config.get(name))}) -%}
  {%- endfor -%}
  {{ return(options) }}
{%- endmacro %}


{#- The options with what follows from them: the format from the file's ending, before a `.gz` or
    `.zst`; a header in a csv; partition columns in parentheses. -#}
{% macro duckdb__external_write_options(location, options) -%}
  {%- if 'format' not in options -%}
    {%- set endings = ((location | string).split('/') | last | lower).split('.') -%}
    {%- set compression = {'gz': 'gzip', 'zst': 'zstd'}.get(endings | last) if endings | length > 1 else none -%}
    {%- set endings = endings[:-1] if compression else endings -%}
    {%- if endings | length > 1 -%}
      {%- do options.update({'format': endings | last}) -%}
      {%- if compression and 'compression' not in options -%}
        {%- do options.update({'compression': compression}) -%}
      {%- endif -%}
    {%- else -%}
      {%- do options.update({'format': 'csv' if 'delimiter' in options else 'parquet'}) -%}
    {%- endif -%}
  {%- endif -%}
  {%- if options['format'] == 'csv' and 'header' not in options -%}
    {%- do options.update({'header': 1}) -%}
  {%- endif -%}
  {%- set partition_by = options.get('partition_by') -%}
  {%- if partition_by is string and ',' in partition_by and not partition_by.startswith('(') -%}
    {%- do options.update({'partition_by': '(' ~ partition_by ~ ')'}) -%}
  {%- endif -%}
  {{ return(options) }}
{%- endmacro %}


{#- A text between quotes. dbt-duckdb passes on quotes as they are, so those that are doubled stay so. -#}
{% macro duckdb__quoted_option(text) -%}
  {{ return("'" ~ text | string | replace("''", "'") | replace("'", "''") ~ "'") }}
{%- endmacro %}


{#- The options as `copy` wants them; a text may have its quotes already. -#}
{% macro duckdb__external_options_sql(options) -%}
  {%- set parts = [] -%}
  {%- for name, value in options.items() -%}
    {%- set has_quotes = (value | string).startswith("'") and (value | string) | length > 1 -%}
    {%- if name | lower in ['delimiter', 'quote', 'escape', 'null'] and not has_quotes -%}
      {%- do parts.append(name ~ ' ' ~ duckdb__quoted_option(value)) -%}
    {%- else -%}
      {%- do parts.append(name ~ ' ' ~ value) -%}
    {%- endif -%}
  {%- endfor -%}
  {{ return(parts | join(', ')) }}
{%- endmacro %}


{#- The table function that reads the files back. What `<format>_read_options` says is passed on; the
    compression is said, because it is guessed only from a lower-case ending. -#}
{% macro duckdb__external_reader(format, location, options) -%}
  {%- set defaults = {
    'parquet': {'union_by_name': False}, 'json': {'auto_detect': True}, 'csv': {'auto_detect': True}
  } -%}
  {%- set read_options = config.get(format ~ '_read_options', defaults[format]) -%}
  {%- set arguments = ["'" ~ location | replace("'", "''") ~ "'"] -%}
  {%- for name, value in read_options.items() -%}
    {%- do arguments.append(name ~ '=' ~ (duckdb__quoted_option(value) if value is string else value)) -%}
  {%- endfor -%}
  {%- if format != 'parquet' and options.get('compression') and 'compression' not in read_options -%}
    {%- do arguments.append("compression='" ~ options['compression'] ~ "'") -%}
  {%- endif -%}
  {{ return('read_' ~ format ~ '(' ~ arguments | join(', ') ~ ')') }}
{%- endmacro %}
