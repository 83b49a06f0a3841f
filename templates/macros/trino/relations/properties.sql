{#- The `with (…)` of a table: the config `properties`, whose values are SQL, with `file_format` as its
    `format` and `table_format` as its `type`. A temporary table keeps away from the location of the
    table it stands in for. -#}
{% macro properties(temporary=False) %}
  {%- set found = {} -%}
  {%- do found.update(config.get('properties') or {}) -%}
  {%- for option, name in [('file_format', 'format'), ('table_format', 'type')] -%}
    {%- set value = config.get(option) -%}
    {%- if value and found.get(name) -%}
      {%- do exceptions.raise_compiler_error(
        "You can specify either '" ~ option ~ "' or 'properties." ~ name ~ "' configurations, but not both."
      ) -%}
    {%- elif value -%}
      {%- do found.update({name: "'" ~ value ~ "'"}) -%}
    {%- endif -%}
  {%- endfor -%}
  {%- if temporary and found.get('location') -%}
    {%- do found.update({'location': found['location'][:-1] ~ "__dbt_tmp'"}) -%}
  {%- endif -%}
  {%- if found -%}
  with (
    {%- for name, value in found.items() %}
    {{ name }} = {{ value }}{{ ',' if not loop.last }}
    {%- endfor %}
  )
  {%- endif -%}
{%- endmacro -%}


{#- The `comment '…'` of a new relation, where `persist_docs` asks for it. -#}
{% macro comment(comment) %}
  {%- set persist_docs = (model.get('config') or {}).get('persist_docs') or {} -%}
  {%- if persist_docs.get('relation') and comment -%}
  comment '{{ comment | replace("'", "''") }}'
  {%- endif -%}
{%- endmacro -%}
