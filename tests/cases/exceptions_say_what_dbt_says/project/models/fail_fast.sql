{% if execute %}{{ exceptions.raise_fail_fast_error('that is enough') }}{% endif %} select 1 as id
