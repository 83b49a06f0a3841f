{#- Functions in Python need a warehouse that runs them; an adapter for one puts its own macro in this place. -#}
{% macro get_function_python_options() %}
  {{ return(adapter.dispatch('get_function_python_options', 'dbt')()) }}
{% endmacro %}

{% macro default__get_function_python_options() %}
  {% do exceptions.raise_compiler_error(
    "functions in Python are not supported; write the function in SQL"
  ) %}
{% endmacro %}
