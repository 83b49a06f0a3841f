{#- For `on-run-start` of a session that starts with an empty database: makes the views on the files of
    external models that are read in this run but not built in it. -#}
{%- macro register_upstream_external_models() -%}
  {%- if not execute -%}
    {{ return('') }}
  {%- endif -%}

  {%- set upstream = {} -%}
  {%- for id in selected_resources if id in graph['nodes'] -%}
    {%- for parent in graph['nodes'][id]['depends_on']['nodes'] if parent not in selected_resources -%}
      {%- do upstream.update({parent: graph['nodes'].get(parent)}) -%}
    {%- endfor -%}
  {%- endfor -%}

  {%- set schemas = [] -%}
  {%- for node in upstream.values() if node
    and node.resource_type in ('model', 'seed') and node.config.materialized == 'external' -%}
    {%- set relation = api.Relation.create(
      database=node['database'], schema=node['schema'], identifier=node['alias']
    ) -%}
    {%- set location = render(node.config.get('location', external_location(relation, node.config))) -%}
    {%- set options = render_write_options(node.config) -%}
    {%- if relation.schema not in schemas -%}
      {%- do schemas.append(relation.schema) -%}
      {%- call statement('main') -%}
        create schema if not exists {{ relation.without_identifier() }}
      {%- endcall -%}
    {%- endif -%}
    {%- call statement('main') -%}
      create or replace view {{ relation }} as (
        select * from '{{ duckdb__external_read_location(location, options) | replace("'", "''") }}'
      );
    {%- endcall -%}
  {%- endfor -%}
  {%- if schemas -%}
    {%- do adapter.commit() -%}
  {%- endif -%}
{%- endmacro -%}
