{% macro generate_alias_name(custom_alias_name=none, node=none) %}our_{{ node.name }}{% endmacro %}
{% macro default__current_timestamp() %}'never'{% endmacro %}
{% macro duckdb__current_timestamp() %}'now, by our macro'{% endmacro %}
{% macro spoken(word) %}{{ return(adapter.dispatch('spoken')(word)) }}{% endmacro %}
{% macro default__spoken(word) %}'{{ word }} anywhere'{% endmacro %}
{% macro duckdb__spoken(word) %}'{{ word }} on duckdb'{% endmacro %}
