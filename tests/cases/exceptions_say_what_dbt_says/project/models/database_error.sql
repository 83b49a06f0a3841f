{% if execute %}{{ exceptions.raise_database_error('no such role') }}{% endif %} select 1 as id
