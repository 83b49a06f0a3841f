{#- As the built-in macros, with the place in S3 and the names that data definition wants. -#}
{% macro quern_build_scratch(relation, query) %}
  {%- do quern_drop_scratch(relation) -%}
  {%- set session_window = session_window_model(query) -%}
  {%- call statement('quern_build_scratch') -%}
    {{ adapter.dispatch('create_table_as', 'dbt')(
      True, relation, session_window.sql if session_window else query, 'sql', True
    ) }}
  {%- endcall -%}
  {%- do check_session_window(session_window, relation) -%}
{% endmacro %}

{% macro quern_drop_scratch(relation) %}
  {%- do drop_relation_glue(relation) -%}
{% endmacro %}
