{% macro tell(results) %}
  {% set told = ref("told") %}
  {% if execute %}
    {% set lines = [] %}
    {% for result in results | sort(attribute='no_such_attribute') %}
      {% set node = result.node %}
      {% set whole = result.to_dict() %}
      {% do lines.append([
        node.unique_id, result.status, result.status == 'success', result.failures, result.skipped, result is mapping,
        result.relation_name, node.relation_name, node.resource_type == 'model', node.config.materialized,
        node.config.get('materialized'), node.config.to_dict()['enabled'], node.depends_on.nodes, node['name'],
        node.compiled_code | trim if node.resource_type == 'model', whole.keys() | list,
        node.config.no_such_key is none, node.no_such_key is none, result.to_dict(omit_none=true).keys() | list, whole['node']['name'], whole['timing'] | length,
        tojson(whole)[:54],
      ] | join(' ')) %}
      {% set shown = graph.nodes[node.unique_id] %}
      {% do lines.append([
        node.name, node.to_dict().keys() | sort, shown.keys() | sort, tojson(shown.config_call_dict),
        'compiled_code' in shown, graph.keys() | sort,
      ] | join(' ')) %}
      {% for phase in result.timing %}
        {% do lines.append([
          node.name, phase.name, phase.started_at.tzinfo, phase.started_at <= phase.completed_at,
          (phase.completed_at - phase.started_at).total_seconds() < 600, phase.to_dict().keys() | list,
          phase.to_dict()['started_at'] == phase.started_at.isoformat() ~ 'Z',
        ] | join(' ')) %}
      {% endfor %}
    {% endfor %}
    {% do lines.append(results | map(attribute='node.name') | sort | join(' ')) %}
    {% for key, value in invocation_args_dict | dictsort if key not in ['invocation_command', 'v2_parser'] and not key.endswith(('_dir', '_path')) %}
      {% do lines.append([key, tojson(value)] | join(' ')) %}
    {% endfor %}
    {% do lines.append(results | selectattr('status', 'equalto', 'pass') | list | length) %}
    insert into {{ told }} (line) values
    {% for line in lines %}('{{ line | string | replace("'", '"') }}'){{ ', ' if not loop.last }}{% endfor %}
  {% endif %}
{% endmacro %}
