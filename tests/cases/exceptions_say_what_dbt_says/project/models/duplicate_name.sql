{% if execute %}{{ exceptions.raise_duplicate_resource_name(model, model) }}{% endif %} select 1 as id
