{#- Names that a macro adds are there for the rest of the render. -#}
{% macro remember(name) %}{% do context.update({'remembered': name}) %}{% endmacro %}
