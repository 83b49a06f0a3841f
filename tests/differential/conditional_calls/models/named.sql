{% set part = {'database': 'a', 'schema': 'b', 'identifier': 'c'} %}
select '{{ api.Relation.create(**part) }}' as of_api, '{{ adapter.Relation.create(**part) }}' as of_adapter,
    '{{ api.Relation.create(quote_policy={"identifier": false}, **part) }}' as told, '{{ this.create(**part) }}' as of_relation,
    '{{ adapter.quote_as_configured("b", "schema") }}' as configured
