{% if execute %}{{ exceptions.raise_duplicate_patch_name(model, 'models/old.yml') }}{% endif %} select 1 as id
