{#- How a table is laid out: partitions, clusters and options. -#}

{% macro partition_by(partition_config) -%}
  {%- if partition_config is none -%}
    {%- do return('') -%}
  {%- endif -%}
  {%- set data_type = partition_config.data_type | lower -%}
  {%- if partition_config.time_ingestion_partitioning -%}
    partition by {{ partition_config.render_wrapped() }}
  {%- elif data_type in ('date', 'timestamp', 'datetime') -%}
    partition by {{ partition_config.render() }}
  {%- elif data_type == 'int64' -%}
    {%- set range = partition_config.range -%}
    partition by range_bucket(
      {{ partition_config.field }}, generate_array({{ range.start }}, {{ range.end }}, {{ range.interval }})
    )
  {%- endif -%}
{%- endmacro %}

{% macro cluster_by(raw_cluster_by) -%}
  {%- if raw_cluster_by is string -%}
    cluster by {{ raw_cluster_by }}
  {%- elif raw_cluster_by is not none and raw_cluster_by -%}
    cluster by {{ raw_cluster_by | join(', ') }}
  {%- endif -%}
{%- endmacro %}

{% macro bigquery_options(opts) %}
  {%- set parts = [] -%}
  {%- for name, value in opts.items() -%}
    {%- do parts.append(name ~ '=' ~ value) -%}
  {%- endfor -%}
  {%- do return('OPTIONS(' ~ parts | join(', ') ~ ')') -%}
{%- endmacro -%}

{% macro bigquery_table_options(config, node, temporary) %}
  {%- do return(bigquery_options(adapter.get_table_options(config, node, temporary))) -%}
{%- endmacro -%}

{% macro bigquery_view_options(config, node) %}
  {%- do return(bigquery_options(adapter.get_view_options(config, node))) -%}
{%- endmacro -%}
