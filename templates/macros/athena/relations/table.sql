{#- `hive` or `iceberg`. -#}
{% macro athena_table_type() %}
  {%- set table_type = (config.get('table_type') or 'hive') | lower -%}
  {%- if table_type not in ['hive', 'iceberg'] -%}
    {%- do exceptions.raise_compiler_error("`table_type` is 'hive' or 'iceberg', not '" ~ table_type ~ "'") -%}
  {%- endif -%}
  {{ return(table_type) }}
{% endmacro %}

{#- The name that dbt-athena has for it. -#}
{% macro resolve_table_type() %}
  {{ return(athena_table_type()) }}
{% endmacro %}

{#- Whether each building of the model has a place of its own, so that a new table can stand beside the former one. -#}
{% macro athena_has_unique_place() %}
  {%- set naming = config.get('s3_data_naming') or target.s3_data_naming -%}
  {{ return('unique' in naming and not config.get('external_location')) }}
{% endmacro %}


{#- `place_of` is the table by whose name the place in S3 is called, where it is not this one: a table that is built
    beside another lies where the other does. -#}
{% macro athena__create_table_as(temporary, relation, compiled_code, language='sql', skip_partitioning=false, place_of=none) -%}
  {%- set table_type = athena_table_type() -%}
  {%- set is_iceberg = table_type == 'iceberg' -%}
  {%- set external_location = config.get('external_location') -%}
  {%- if is_iceberg and config.get('materialized') == 'table' and not athena_has_unique_place() -%}
    {%- do exceptions.raise_compiler_error(
      "a table of Iceberg takes the place of the former one by its name, so both need places of their own in S3: "
      ~ "remove `external_location` and set `s3_data_naming` to unique, table_unique or schema_table_unique"
    ) -%}
  {%- endif -%}
  {%- if is_iceberg and (config.get('bucketed_by') or config.get('bucket_count')) -%}
    {%- do exceptions.warn(
      "`bucketed_by` and `bucket_count` are left out: a table of Iceberg has `partitioned_by: ['bucket(column, count)']`"
    ) -%}
  {%- endif -%}
  {%- set sql_header = config.get('sql_header') -%}
  {%- if config.get('contract').enforced -%}
    {{ get_assert_columns_equivalent(compiled_code) }}
  {%- endif -%}

  {%- if temporary -%}
    {#- left behind by a run that was killed -#}
    {%- do drop_relation_if_exists(load_cached_relation(relation)) -%}
    {%- do adapter.drop_after_failure(relation.incorporate(type='table')) -%}
  {%- endif -%}
  {%- set location = adapter.generate_s3_location(
    relation, config.get('s3_data_dir'), config.get('s3_data_naming'), config.get('s3_tmp_table_dir'),
    external_location, temporary, place_of
  ) -%}
  {#- a place that was used before is emptied: a table is all that lies in its place -#}
  {%- if not athena_has_unique_place() and not (config.get('native_drop') and is_iceberg) -%}
    {%- do adapter.delete_from_s3(location) -%}
  {%- endif -%}

  {%- set properties = ["table_type='" ~ table_type ~ "'", 'is_external=' ~ ('false' if is_iceberg else 'true')] -%}
  {%- if is_iceberg -%}
    {%- do properties.append("location='" ~ location ~ "'") -%}
  {%- elif not adapter.is_work_group_output_location_enforced() -%}
    {%- do properties.append("external_location='" ~ location ~ "'") -%}
  {%- endif -%}
  {%- set partitioned_by = config.get('partitioned_by') -%}
  {%- if partitioned_by and not skip_partitioning -%}
    {%- do properties.append(
      ('partitioning' if is_iceberg else 'partitioned_by') ~ '=' ~ athena_text_array(partitioned_by)
    ) -%}
  {%- endif -%}
  {%- if not is_iceberg and config.get('bucketed_by') -%}
    {%- do properties.append('bucketed_by=' ~ athena_text_array(config.get('bucketed_by'))) -%}
  {%- endif -%}
  {%- if not is_iceberg and config.get('bucket_count') -%}
    {%- do properties.append('bucket_count=' ~ config.get('bucket_count')) -%}
  {%- endif -%}
  {%- for name in ['field_delimiter', 'write_compression'] if config.get(name) -%}
    {%- do properties.append(name ~ "='" ~ config.get(name) ~ "'") -%}
  {%- endfor -%}
  {%- do properties.append("format='" ~ (config.get('format') or 'parquet') ~ "'") -%}
  {%- for name, value in (config.get('table_properties') or {}).items() -%}
    {%- do properties.append(name ~ '=' ~ value) -%}
  {%- endfor -%}

  {{ sql_header if sql_header is not none }}
  create table {{ relation }}
  with (
    {{ properties | join(',\n    ') }}
  )
  as
    {{ compiled_code }}
{%- endmacro %}

{#- A list of texts, or one text, as an array. -#}
{% macro athena_text_array(items) -%}
  {%- set texts = [] -%}
  {%- for item in ([items] if items is string else items) -%}
    {%- do texts.append("'" ~ item | replace("'", "''") ~ "'") -%}
  {%- endfor -%}
  {{ return('ARRAY[' ~ texts | join(', ') ~ ']') }}
{%- endmacro %}


{#- Builds a table by the statement `main`. Athena keeps a hundred partitions open: a query that writes into more is
    run again, a hundred partitions at a time. -#}
{% macro athena_build_table(relation, query, place_of=none) %}
  {%- set create_table = adapter.dispatch('create_table_as', 'dbt') -%}
  {%- if not config.get('partitioned_by') -%}
    {%- call statement('main') -%}
      {{ create_table(False, relation, query, 'sql', False, place_of) }}
    {%- endcall -%}
  {%- elif config.get('force_batch') -%}
    {%- do create_table_as_with_partitions(relation, query, place_of) -%}
  {%- else -%}
    {%- set build_sql = create_table(False, relation, query, 'sql', False, place_of) -%}
    {%- do adapter.athena_tolerate_open_partitions() -%}
    {%- call statement('main') -%}
      {{ build_sql }}
    {%- endcall -%}
    {%- if athena_has_too_many_partitions('main') -%}
      {%- do create_table_as_with_partitions(relation, query, place_of) -%}
    {%- endif -%}
  {%- endif -%}
  {%- if athena_table_type() == 'hive' -%}
    {%- do set_table_classification(relation) -%}
  {%- endif -%}
{% endmacro %}

{% macro athena_has_too_many_partitions(name) %}
  {{ return(load_result(name)['response'].code == 'TOO_MANY_OPEN_PARTITIONS') }}
{% endmacro %}

{#- The query's rows go into a table without partitions first, so that they are the same for each part. -#}
{% macro create_table_as_with_partitions(relation, query, place_of=none) %}
  {%- set create_table = adapter.dispatch('create_table_as', 'dbt') -%}
  {%- set staging = relation.incorporate(path={'identifier': relation.identifier ~ '__tmp_not_partitioned'}, type='table') -%}
  {%- do adapter.drop_relation(staging) -%}
  {%- call statement('create_tmp_relation') -%}
    {{ create_table(True, staging, query, 'sql', True) }}
  {%- endcall -%}
  {%- set columns_csv = adapter.get_columns_in_relation(staging) | map(attribute='quoted') | join(', ') -%}
  {#- a query without rows still makes a table -#}
  {%- for condition in get_partition_batches(staging, False) or ['true'] -%}
    {%- set part = 'select ' ~ columns_csv ~ ' from ' ~ staging ~ ' where ' ~ condition -%}
    {%- call statement('main') -%}
      {%- if loop.first -%}
        {{ create_table(False, relation, part, 'sql', False, place_of) }}
      {%- else -%}
        insert into {{ relation }} ({{ columns_csv }})
        {{ part }}
      {%- endif -%}
    {%- endcall -%}
  {%- endfor -%}
  {%- do adapter.drop_relation(staging) -%}
{% endmacro %}


{#- The conditions that together choose all rows of a relation or a query, each of them those of a hundred partitions. -#}
{% macro get_partition_batches(sql, as_subquery=True) -%}
  {%- set keys = [] -%}
  {%- set partitioned_by = config.get('partitioned_by') -%}
  {%- for key in ([partitioned_by] if partitioned_by is string else partitioned_by) -%}
    {%- do keys.append(adapter.format_one_partition_key(key)) -%}
  {%- endfor -%}
  {%- set source = '(' ~ sql ~ ')' if as_subquery else sql -%}
  {%- set rows = run_query(
    'select distinct ' ~ keys | join(', ') ~ ' from ' ~ source ~ ' order by ' ~ keys | join(', ')
  ).rows -%}
  {%- set partitions = [] -%}
  {%- for row in rows -%}
    {%- set parts = [] -%}
    {%- for key in keys -%}
      {%- set value = row[loop.index0] -%}
      {%- do parts.append(key ~ (' is null' if value is none else ' = ' ~ athena_partition_literal(value))) -%}
    {%- endfor -%}
    {%- do partitions.append(parts | join(' and ')) -%}
  {%- endfor -%}
  {%- set batches = [] -%}
  {%- for some in partitions | batch([1, config.get('partitions_limit', 100) | int] | max) -%}
    {%- do batches.append(some | join(' or ')) -%}
  {%- endfor -%}
  {{ return(batches) }}
{%- endmacro %}

{% macro athena_partition_literal(value) -%}
  {%- set text = value | string -%}
  {%- if value is string -%}
    {{ return("'" ~ value | replace("'", "''") ~ "'") }}
  {%- elif value is boolean -%}
    {{ return(text | lower) }}
  {%- elif value is number -%}
    {{ return(text) }}
  {%- endif -%}
  {{ return(('timestamp' if ':' in text else 'date') ~ " '" ~ text ~ "'") }}
{%- endmacro %}
