{# What a node knows of itself before its text is rendered. #}
{% macro told() %}
  {% do return({
    'names': [model.name, model.alias, model.path, model.original_file_path, model.schema, model.resource_type, model.unique_id],
    'folders': model.fqn,
    'keys': model.keys() | list | sort,
    'config': model.config.items() | list | string,
    'others': [model.tags, model.meta, model.docs, model.columns, model.description, model.checksum, model.language,
      model.depends_on, model.refs, model.contract] | string
  }) %}
{% endmacro %}
