{#- Models and functions in Python are not supported. The macros that packages may call for them exist
    and say so; those that only write text do what they always did. -#}

{% macro refuse_python(macro_name) %}
  {% do exceptions.raise_compiler_error(
    "`" ~ macro_name ~ "` is about Python code, which is not supported; write the model in SQL"
  ) %}
{% endmacro %}

{% macro build_ref_function(model) %}
  {{ refuse_python('build_ref_function') }}
{% endmacro %}

{% macro build_source_function(model) %}
  {{ refuse_python('build_source_function') }}
{% endmacro %}

{% macro build_config_dict(model) %}
  {{ refuse_python('build_config_dict') }}
{% endmacro %}

{% macro py_script_postfix(model) %}
  {{ refuse_python('py_script_postfix') }}
{% endmacro %}

{% macro py_script_comment() %}
{% endmacro %}

{% macro get_function_python_options() %}
  {{ return(adapter.dispatch('get_function_python_options', 'dbt')()) }}
{% endmacro %}

{% macro default__get_function_python_options() %}
  {{ refuse_python('get_function_python_options') }}
{% endmacro %}

{% macro resolve_model_name(input_model_name) %}
  {{ return(adapter.dispatch('resolve_model_name', 'dbt')(input_model_name)) }}
{% endmacro %}

{%- macro default__resolve_model_name(input_model_name) -%}
  {{ input_model_name | string }}
{%- endmacro -%}
