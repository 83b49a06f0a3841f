{#- Told of builds alone: what was compiled when a hook is, is chance where nothing runs. -#}
{#- What a template sees of every node of `graph` and `results`, a line for each key. Times, and white space in code,
    are left out; macros come in no order. -#}
{% macro tell(results) %}
  {% set told = ref('told') %}
  {% if execute and flags.WHICH == 'build' %}
    {% set lines = [] %}
    {% for section in graph.keys() | sort %}
      {% for id in graph[section].keys() | sort %}
        {% do add_lines(lines, section, graph[section][id]) %}
      {% endfor %}
    {% endfor %}
    {% for result in results | sort(attribute='node.unique_id') %}
      {% set whole = result.to_dict() %}
      {% do add_lines(lines, 'results', whole['node']) %}
      {% for key in ['status', 'message', 'failures', 'agate_table', 'batch_results', 'overload_results'] %}
        {% do lines.append(['results', whole['node']['unique_id'], key, tojson(whole[key])] | join(' ')) %}
      {% endfor %}
    {% endfor %}
    {% do lines.append('model ' ~ model.keys() | sort | join(' ')) %}
    {% do lines.append('schemas ' ~ schemas | sort | join(' ')) %}
    insert into {{ told }} (line) values
    {% for line in lines %}('{{ line | string | replace("'", '"') }}'){{ ', ' if not loop.last }}{% endfor %}
  {% endif %}
{% endmacro %}

{% macro add_lines(lines, section, node) %}
  {% for key, value in node | dictsort if key not in ['created_at', 'root_path', '_event_status'] %}
    {% if key in ['compiled_code', 'extra_ctes'] %}
      {% set text = tojson(value) | replace('\\n', ' ') | replace(' ', '') %}
    {% elif key == 'depends_on' %}
      {% set text = [value.get('macros', []) | sort, value.get('nodes', []) | sort] | string %}
    {% else %}
      {% set text = tojson(value, sort_keys=true) %}
    {% endif %}
    {% do lines.append([section, node.get('unique_id', node.name), key, text] | join(' ')) %}
  {% endfor %}
{% endmacro %}
