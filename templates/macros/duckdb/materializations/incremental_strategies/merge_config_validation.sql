{#- Checks the merge configs of a model and says all that is wrong at once. -#}
{% macro validate_merge_config(config, target_relation=none) -%}
  {%- set errors = [] -%}
  {%- set fields = {
    'merge_update_condition': 'string',
    'merge_insert_condition': 'string',
    'merge_on_using_columns': 'sequence',
    'merge_update_columns': 'sequence',
    'merge_update_set_expressions': 'mapping',
    'merge_exclude_columns': 'sequence',
    'merge_returning_columns': 'sequence'
  } -%}
  {%- for name, kind in fields.items() -%}
    {%- if kind == 'string' -%}
      {%- do validate_string_field(config.get(name), name, errors) -%}
    {%- elif kind == 'sequence' -%}
      {%- do validate_string_list_field(config.get(name), name, errors) -%}
    {%- else -%}
      {%- do validate_dict_field(config.get(name), name, errors) -%}
    {%- endif -%}
  {%- endfor -%}

  {%- do validate_merge_clauses(config, fields, errors) -%}
  {%- if not errors -%}
    {%- do validate_ducklake_restrictions(config, target_relation, errors) -%}
  {%- endif -%}
  {%- if errors -%}
    {%- do exceptions.raise_compiler_error("MERGE configuration errors:\n" ~ errors | join('\n')) -%}
  {%- endif -%}
{%- endmacro %}


{%- macro validate_string_field(field_value, field_name, errors) -%}
  {%- if field_value is not none and field_value is not string -%}
    {%- do errors.append(field_name ~ " must be a string, found: " ~ field_value) -%}
  {%- endif -%}
{%- endmacro -%}

{%- macro validate_string_list_field(field_value, field_name, errors) -%}
  {%- if field_value is none -%}
    {{ return(none) }}
  {%- endif -%}
  {%- if field_value is string or field_value is mapping or field_value is not sequence -%}
    {%- do errors.append(field_name ~ " must be a list") -%}
    {{ return(none) }}
  {%- endif -%}
  {%- for item in field_value if item is not string -%}
    {%- do errors.append(field_name ~ " must contain only string values, found: " ~ item) -%}
  {%- endfor -%}
{%- endmacro -%}

{%- macro validate_dict_field(field_value, field_name, errors) -%}
  {%- if field_value is not none and field_value is not mapping -%}
    {%- do errors.append(field_name ~ " must be a dictionary, found: " ~ field_value) -%}
  {%- endif -%}
{%- endmacro -%}


{#- `merge_clauses` has at least one list of clauses, and none of the plain configs beside it that it
    would make void. -#}
{%- macro validate_merge_clauses(config, base_configuration_fields, errors) -%}
  {%- set merge_clauses = config.get('merge_clauses') -%}
  {%- if merge_clauses is none -%}
    {{ return(none) }}
  {%- endif -%}
  {%- if merge_clauses is not mapping -%}
    {%- do errors.append("merge_clauses must be a dictionary, found: " ~ merge_clauses) -%}
    {{ return(none) }}
  {%- endif -%}

  {%- if 'when_matched' not in merge_clauses and 'when_not_matched' not in merge_clauses -%}
    {%- do errors.append("merge_clauses must contain at least one of 'when_matched' or 'when_not_matched' keys") -%}
  {%- endif -%}
  {%- for clause_type in ['when_matched', 'when_not_matched'] if clause_type in merge_clauses -%}
    {%- do validate_merge_clause_list(merge_clauses, clause_type, errors) -%}
  {%- endfor -%}

  {%- set void = [] -%}
  {%- for name in base_configuration_fields if name not in ['merge_on_using_columns', 'merge_returning_columns'] -%}
    {%- if config.get(name) -%}
      {%- do void.append(name) -%}
    {%- endif -%}
  {%- endfor -%}
  {%- if void -%}
    {%- do errors.append(
      "When merge_clauses is specified, the following basic merge configurations will be ignored and should be removed: "
      ~ void | join(', ') ~ ". Define your merge behavior within merge_clauses instead."
    ) -%}
  {%- endif -%}
{%- endmacro -%}

{%- macro validate_merge_clause_list(merge_clauses, clause_type, errors) -%}
  {%- set clauses = merge_clauses.get(clause_type) -%}
  {%- set label = "merge_clauses." ~ clause_type -%}
  {%- if clauses is string or clauses is mapping or clauses is not sequence -%}
    {%- do errors.append(label ~ " must be a list") -%}
  {%- elif clauses | length == 0 -%}
    {%- do errors.append(label ~ " must contain at least one element") -%}
  {%- else -%}
    {%- for clause in clauses if clause is not mapping -%}
      {%- do errors.append(label ~ " elements must be dictionaries, found: " ~ clause) -%}
    {%- endfor -%}
  {%- endif -%}
{%- endmacro -%}


{#- DuckLake returns no rows from a merge and takes one update or delete in it. -#}
{%- macro validate_ducklake_restrictions(config, target_relation, errors) -%}
  {%- if not target_relation or not duckdb__is_ducklake(target_relation) -%}
    {{ return(none) }}
  {%- endif -%}
  {%- if config.get('merge_returning_columns') -%}
    {%- do errors.append("DuckLake MERGE restrictions: merge_returning_columns is not supported because DuckLake does not support RETURNING.") -%}
  {%- endif -%}

  {%- set merge_clauses = config.get('merge_clauses') or {} -%}
  {%- set changing = [] -%}
  {%- for clause in merge_clauses.get('when_matched', []) + merge_clauses.get('when_not_matched', []) -%}
    {%- if clause.get('action') in ['update', 'delete'] -%}
      {%- do changing.append(clause) -%}
    {%- endif -%}
  {%- endfor -%}
  {%- if changing | length > 1 -%}
    {%- do errors.append(
      "DuckLake MERGE restrictions: merge_clauses can contain only a single UPDATE or DELETE action across "
      ~ "when_matched and when_not_matched. Found " ~ changing | length ~ " UPDATE/DELETE actions."
    ) -%}
  {%- endif -%}
{%- endmacro -%}
