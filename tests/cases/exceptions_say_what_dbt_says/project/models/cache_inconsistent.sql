{% if execute %}{{ exceptions.raise_cache_inconsistent('twice there') }}{% endif %} select 1 as id
