{% if execute %}{{ exceptions.relation_wrong_type(api.Relation.create(schema='shop', identifier='orders', type='view'), 'table') }}{% endif %} select 1 as id
