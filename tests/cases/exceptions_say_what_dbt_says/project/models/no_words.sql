{% if execute %}{{ exceptions.raise_compiler_error() }}{% endif %} select 1 as id
