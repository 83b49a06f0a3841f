{% macro while_running() %}{% if execute %}{{ inner_one() }}{{ other_one() }}{% endif %}{% endmacro %}
{% macro inner_one() %}select 1{% endmacro %}
{% macro other_one() %}{% endmacro %}
{% macro third() %}3{% endmacro %}
{% macro at_the_end() %}{% if execute %}{{ inner_one() }}{% endif %}{% endmacro %}
{% macro generate_schema_name(custom_schema_name, node) %}{{ default__generate_schema_name(custom_schema_name, node) }}{% endmacro %}
{% macro hooked() %}select 2{% endmacro %}
{% macro by_name(name) %}{{ return(context[name]()) }}{% endmacro %}
