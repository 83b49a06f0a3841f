{% if execute %}{{ exceptions.missing_config(model, 'region') }}{% endif %} select 1 as id
