{#- Tables in open formats refuse a statement that deletes while another one does. -#}
{% macro trino__quern_write_ledger(target_relation, entry, is_new, session_window) %}
  {%- do quern_add_to_ledger(target_relation, entry, session_window) -%}
{% endmacro %}
