{% macro default_first(a=1, b) %}{{ a + b }}{% endmacro %}

{% macro star(*names) %}{{ names }}{% endmacro %}

{% macro found_at_the_call() %}{{ whole(a=1, a=2) }}{% endmacro %}
