{% macro euros(cents, digits=2) %}round({{ cents }} / 100, {{ digits }}){% endmacro %}
