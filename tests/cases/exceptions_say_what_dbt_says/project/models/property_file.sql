{% if execute %}{{ exceptions.raise_invalid_property_yml_version('models/old.yml', 'it has no version') }}{% endif %} select 1 as id
