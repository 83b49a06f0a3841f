{% macro change_graph() %}
    {% if execute %}
        {% set node = graph.nodes['model.graph_is_written_anew.b'] %}
        {% do node.update({'description': 'changed'}) %}
        {% do node.config.update({'custom': 'changed'}) %}
        {% do node.config.meta.update({'word': 'changed'}) %}
        {% do node.config.persist_docs.update({'x': 3}) %}
        {% do node.depends_on.nodes.append('x') %}
        {% do node.columns.id.tags.append('x') %}
        {% do graph.update({'mine': 1}) %}
        {{ [node.description, node.config.custom, node.config.meta, node.meta] }}
    {% endif %}
{% endmacro %}

{% macro look_at_graph() %}
    {% if execute %}
        {% set node = graph.nodes['model.graph_is_written_anew.b'] %}
        {{ [
            node.description, node.config.get('custom'), node.config.meta, node.meta, node.config.own_list,
            node.config.persist_docs, node.depends_on.nodes, node.columns.id.meta, node.columns.id.tags, graph.mine
        ] }}
        {{ [
            graph.nodes is mapping, graph.nodes | length, graph.nodes.keys() | sort, graph.nodes.get('none', 5),
            graph.nodes.values() | selectattr('name', 'equalto', 'b') | map(attribute='unique_id') | list,
            graph.nodes.items() | map('first') | sort, 'none' in graph.nodes, graph.nodes | sort
        ] }}
    {% endif %}
{% endmacro %}

{#- What hooks and models put into the graph itself is one dictionary from the first to the last of them. -#}
{% macro put_into_graph() %}{% if execute %}{% do graph.setdefault('kept', {'seen': []}) %}{% endif %}{% endmacro %}

{% macro see_in_graph(name) %}{% if execute %}{% do graph.kept.seen.append(name) %}{% endif %}{% endmacro %}

{% macro find_in_graph() %}
    {% if execute and graph.get('kept') is none %}
        {% do exceptions.raise_compiler_error('nothing was kept') %}
    {% elif execute and flags.WHICH == 'build' %}
        select '{{ graph.kept.seen | sort | join(' ') }}' as seen,
            '{{ builtins.ref.config.vars.to_dict() | tojson }}' as variables
    {% endif %}
{% endmacro %}

{#- A macro that a model calls only when it runs is among its macros in the graph from then on. -#}
{% macro only_in_runs() %}/* runs */{% endmacro %}

{% macro macros_of_runs() %}
    {%- if execute -%}
        {%- set macros = graph.nodes['model.graph_is_written_anew.a'].depends_on.macros -%}
        {{- 'macro.graph_is_written_anew.only_in_runs' in macros -}}
    {%- endif -%}
{% endmacro %}
