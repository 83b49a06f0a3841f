{% if execute %}{{ exceptions.raise_ambiguous_alias(model, model) }}{% endif %} select 1 as id
