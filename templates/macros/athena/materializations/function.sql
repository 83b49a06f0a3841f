{% macro athena__scalar_function_create_replace_signature_sql(target_relation) %}
  {%- do exceptions.raise_compiler_error(
    "Athena keeps no functions: write the expression as a macro, or call a Lambda with `using external function`"
  ) -%}
{% endmacro %}
