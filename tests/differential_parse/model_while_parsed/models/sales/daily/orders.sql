{% if not execute %}{{ config(meta={'told': told()}, alias=model.fqn[1] ~ '_' ~ model.name, schema=model.path.split('/')[1]) }}{% endif %}
select 1 as id
