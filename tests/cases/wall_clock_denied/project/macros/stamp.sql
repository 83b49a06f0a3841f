{% macro stamp() %}get_current_timestamp(){% endmacro %}
