{#- Whoever asks a view with `definer` security sees what its owner may see. -#}
{% macro trino__create_view_as(relation, sql) -%}
  {%- set security = config.get('view_security', 'definer') -%}
  {%- if security not in ['definer', 'invoker'] -%}
    {%- do log("Invalid value for view_security (" ~ security ~ ") specified. Setting default value (definer).") -%}
    {%- set security = 'definer' -%}
  {%- endif -%}
  {%- set sql_header = config.get('sql_header', none) -%}
  {{ sql_header if sql_header is not none }}
  {%- if config.get('contract').enforced %}
    {{ get_assert_columns_equivalent(sql) }}
  {%- endif %}
  create or replace view {{ relation }}
  security {{ security }}
  as
    {{ sql }}
  ;
{%- endmacro %}
