{#- A value as a type, or null where it does not fit. Fixtures of unit tests give texts, lists and
    dictionaries: BigQuery casts no text to a struct or to a place, and no list as a whole. -#}
{% macro bigquery__safe_cast(field, type) -%}
  {%- set lowered = type | lower -%}
  {%- set is_list = field is iterable and field is not string and field is not mapping -%}
  {%- if lowered.startswith('array') and is_list and field | length > 0 -%}
    {%- set element_type = lowered[6:-1] -%}
    {%- if cast_from_string_unsupported_for(element_type) -%}
      {%- set elements = [] -%}
      {%- for element in field -%}
        {%- do elements.append(element.strip('"').strip("'")) -%}
      {%- endfor -%}
    (select array_agg(safe_cast(i as {{ element_type }})) from unnest([{{ elements | join(', ') }}]) i)
    {%- else -%}
    (select array_agg(safe_cast(i as {{ element_type }})) from unnest({{ field }}) i)
    {%- endif -%}
  {%- elif lowered == 'json' and field is mapping -%}
    safe_cast(json {{ dbt.string_literal(tojson(field)) }} as json)
  {%- elif cast_from_string_unsupported_for(type) and field is string -%}
    safe_cast({{ field.strip('"').strip("'") }} as {{ type }})
  {%- else -%}
    safe_cast({{ field }} as {{ type }})
  {%- endif -%}
{%- endmacro %}

{% macro cast_from_string_unsupported_for(type) %}
  {%- set lowered = type | lower -%}
  {{ return(lowered.startswith('struct') or lowered == 'geography') }}
{% endmacro %}
