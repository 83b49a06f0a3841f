{#- True where an incremental model adds to a table that exists: not on the first run, not in a full
    refresh, not where a view stands in the table's place, and never while the project is parsed. -#}
{% macro is_incremental() %}
  {% if not execute %}
    {{ return(False) }}
  {% endif %}
  {% set existing = adapter.get_relation(this.database, this.schema, this.table) %}
  {{ return(
    existing is not none
    and existing.type == 'table'
    and model.config.materialized == 'incremental'
    and not should_full_refresh()
  ) }}
{% endmacro %}
