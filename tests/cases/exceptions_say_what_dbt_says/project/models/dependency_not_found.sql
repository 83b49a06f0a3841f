{% if execute %}{{ exceptions.raise_dep_not_found(model, 'model orders', 'dbt_utils') }}{% endif %} select 1 as id
