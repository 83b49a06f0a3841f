{#- What a model in Python finds in its `dbt`: the code that follows the user's own. Names of relations are
    looked up by how the user's code asks for them. -#}
{% macro py_script_postfix(model) %}
# The rest was added to the model: what `dbt` is in it.
{{ build_ref_function(model) }}
{{ build_source_function(model) }}
{{ build_config_dict(model) }}

class config:
    def __init__(self, *args, **kwargs):
        pass

    @staticmethod
    def get(key, default=None):
        return config_dict.get(key, default)

    @staticmethod
    def meta_get(key, default=None):
        return meta_dict.get(key, default)


class this:
    """The model's own table; its text is the name in SQL."""
    database = {{ python_text(this.database) }}
    schema = {{ python_text(this.schema) }}
    identifier = {{ python_text(this.identifier) }}

    def __repr__(self):
        return "{{ resolve_model_name(this) }}"


class dbtObj:
    def __init__(self, load_df_function) -> None:
        self.ref = lambda *args, **kwargs: ref(*args, **kwargs, dbt_load_df_function=load_df_function)
        self.source = lambda *args: source(*args, dbt_load_df_function=load_df_function)
        self.config = config
        self.this = this()
        self.is_incremental = {{ is_incremental() }}

{{ py_script_comment() }}
{% endmacro %}


{#- Instructions for who runs the code by hand; adapters put theirs in its place. -#}
{% macro py_script_comment() %}
{% endmacro %}


{% macro build_ref_function(model) %}
  {%- set names = {} -%}
  {%- for one in model.refs -%}
    {%- set words = [one.package, one.name] if one.package else [one.name] -%}
    {%- set found = python_relation_name(ref(*words, v=one.version)) -%}
    {%- do words.append('v' ~ one.version) if one.version -%}
    {%- do names.update({words | join('.'): found}) -%}
  {%- endfor %}
def ref(*args, **kwargs):
    refs = {{ names | tojson }}
    key = '.'.join(args)
    version = kwargs.get("v") or kwargs.get("version")
    if version:
        key += f".v{version}"
    return kwargs["dbt_load_df_function"](refs[key])
{% endmacro %}


{% macro build_source_function(model) %}
  {%- set names = {} -%}
  {%- for one in model.sources -%}
    {%- do names.update({one | join('.'): python_relation_name(source(*one))}) -%}
  {%- endfor %}
def source(*args, dbt_load_df_function):
    sources = {{ names | tojson }}
    return dbt_load_df_function(sources['.'.join(args)])
{% endmacro %}


{#- The options that the code asks for, with what they are set to. -#}
{% macro build_config_dict(model) %}
  {%- set options = {} -%}
  {%- for key, default in zip(model.config.config_keys_used or [], model.config.config_keys_defaults or []) -%}
    {%- do options.update({key: model.config.get(key, default)}) -%}
  {%- endfor -%}
  {%- set meta = {} -%}
  {%- for key, default in zip(model.config.meta_keys_used or [], model.config.meta_keys_defaults or []) -%}
    {%- do meta.update({key: (model.config.meta or {}).get(key, default)}) -%}
  {%- endfor %}
config_dict = {{ options }}
meta_dict = {{ meta }}
{% endmacro %}


{#- The name of a relation between the quotes of a Python text. -#}
{% macro resolve_model_name(input_model_name) %}
  {{ return(adapter.dispatch('resolve_model_name', 'dbt')(input_model_name)) }}
{% endmacro %}

{%- macro default__resolve_model_name(input_model_name) -%}
  {{ input_model_name | string | replace('"', '\\"') }}
{%- endmacro -%}


{#- The name of what `ref` or `source` gave, also where a project's own `ref` gives a text. -#}
{% macro python_relation_name(found) %}
  {{ return((found.render() if found.render is defined and found.render is callable else found) | string) }}
{% endmacro %}


{#- A literal of Python: JSON's texts are Python's too, its null is not. -#}
{% macro python_text(text) %}
  {{ return('None' if text is none else text | tojson) }}
{% endmacro %}


{#- What has to be at hand while a model in Python runs: what it refers to, and its own table where it adds
    to it. -#}
{% macro python_model_reads(model) %}
  {%- set reads = [] -%}
  {%- for one in model.refs -%}
    {%- do reads.append(ref(*([one.package, one.name] if one.package else [one.name]), v=one.version)) -%}
  {%- endfor -%}
  {%- for one in model.sources -%}
    {%- do reads.append(source(*one)) -%}
  {%- endfor -%}
  {%- do reads.append(this) if is_incremental() -%}
  {{ return(reads) }}
{% endmacro %}
