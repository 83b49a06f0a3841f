{% if execute %}{{ exceptions.missing_relation('shop.orders') }}{% endif %} select 1 as id
