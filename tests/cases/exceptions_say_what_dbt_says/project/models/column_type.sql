{% if execute %}{{ exceptions.column_type_missing(['id', 'at']) }}{% endif %} select 1 as id
