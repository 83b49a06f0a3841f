{#- A list of keys is compared column by column, so that none of them is taken for a row value. -#}
{% macro duckdb__get_delete_insert_merge_sql(target, source, unique_key, dest_columns, incremental_predicates) -%}
  {%- set columns_csv = get_quoted_csv(dest_columns | map(attribute='name')) -%}
  {%- set predicates = normalize_incremental_predicates(incremental_predicates) -%}
  {%- if unique_key is string and unique_key %}
    delete from {{ target }}
    where ({{ unique_key }}) in (
        select ({{ unique_key }})
        from {{ source }}
    )
    {%- for predicate in predicates %}
    and {{ predicate }}
    {%- endfor %};
  {%- elif unique_key %}
    delete from {{ target }} as DBT_INCREMENTAL_TARGET
    using {{ source }}
    where (
    {%- for key in unique_key %}
        {{ 'and ' if not loop.first }}{{ source }}.{{ key }} = DBT_INCREMENTAL_TARGET.{{ key }}
    {%- endfor %}
    {%- for predicate in predicates %}
        and {{ predicate }}
    {%- endfor %}
    );
  {%- endif %}

    insert into {{ target }} ({{ columns_csv }})
    (
        select {{ columns_csv }}
        from {{ source }}
    )
{%- endmacro %}
