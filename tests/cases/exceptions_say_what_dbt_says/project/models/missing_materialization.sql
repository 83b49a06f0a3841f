{% if execute %}{{ exceptions.missing_materialization(model, 'duckdb') }}{% endif %} select 1 as id
