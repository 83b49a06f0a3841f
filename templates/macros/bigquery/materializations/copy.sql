{#- A table copied from what the model refers to, without a query: free, and quick for any size. -#}
{% materialization copy, adapter='bigquery' -%}
  {%- set destination = this.incorporate(type='table') -%}

  {{ run_hooks(pre_hooks) }}

  {%- set sources = [] -%}
  {%- for reference in model.refs -%}
    {%- if reference.get('package') -%}
      {%- do sources.append(ref(reference.get('package'), reference.name, version=reference.get('version'))) -%}
    {%- else -%}
      {%- do sources.append(ref(reference.name, version=reference.get('version'))) -%}
    {%- endif -%}
  {%- endfor -%}
  {%- for parts in model.sources -%}
    {%- do sources.append(source(*parts)) -%}
  {%- endfor -%}

  {%- set said = adapter.copy_table(sources, destination, config.get('copy_materialization', default='table')) -%}
  {{ store_result('main', response=said) }}

  {{ run_hooks(post_hooks) }}
  {% do apply_grants(destination, config.get('grants'), should_revoke=True) %}
  {% do adapter.commit() %}

  {{ return({'relations': [destination]}) }}
{%- endmaterialization %}
