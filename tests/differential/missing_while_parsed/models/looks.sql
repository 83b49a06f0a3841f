-- depends_on: {{ ref('owned') }}
{% set found = graph.nodes.values() | selectattr('name', 'equalto', 'owned') | first %}
{% set there = adapter.get_relation(this.database, this.schema, 'owned') %}
select '{{ found.config.meta.owner }}' as owner, '{{ there.identifier.upper() }}' as relation
