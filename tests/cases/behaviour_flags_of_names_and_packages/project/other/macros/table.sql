{% materialization table, adapter='duckdb' %}
  {% do print("built by the package: " ~ model.name) %}
  {% call statement('main') %}create or replace table {{ this }} as {{ sql }}{% endcall %}
  {{ return({'relations': [this]}) }}
{% endmaterialization %}
