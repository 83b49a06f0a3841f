{% macro cents_to_euros(column_name, decimals=2) -%}
    cast(round({{ column_name }} / 100.0, {{ decimals }}) as decimal(18, {{ decimals }}))
{%- endmacro %}

{#- A share between 0 and 1, or null where there is nothing to divide by. -#}
{% macro share_of(part, whole) -%}
    round(1.0 * {{ part }} / nullif({{ whole }}, 0), 4)
{%- endmacro %}
