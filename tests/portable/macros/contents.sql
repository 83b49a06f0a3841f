{#- Everything that the project builds, each row as one text: what is compared between warehouses. -#}
{% macro contents() %}
  {% set relations = {
    'stg_customers': ['customer_id', 'customer_name', 'country', 'signed_up'],
    'stg_orders': ['order_id', 'customer_id', 'cents', 'status', 'ordered_on'],
    'customer_totals': ['customer_id', 'customer_name', 'orders', 'cents', 'days'],
    'daily_orders': ['ordered_on', 'orders', 'cents'],
    'appended_orders': ['order_id', 'status'],
    'replaced_orders': ['order_id', 'ordered_on', 'cents'],
    'batched_orders': ['order_id', 'ordered_on', 'cents'],
    'windowed_orders': ['order_id', 'ordered_on', 'cents'],
    'promised_customers': ['customer_id', 'customer_name'],
    'moves': ['customer_id', 'country', "case when dbt_valid_to is null then 'now' else 'then' end"],
    'states': ['order_id', 'status', "case when dbt_valid_to is null then 'now' else 'then' end"],
    'raw_orders': ['id', 'customer_id', 'status']
  } %}
  {% for name, columns in relations.items() %}
    select '{{ name }}' as relation,
    {% for column in columns %}
      coalesce(cast({{ column }} as {{ dbt.type_string() }}), '-') {{ "|| ' ' ||" if not loop.last }}
    {% endfor %} as line
    from {{ ref(name) }}
    union all
  {% endfor %}
  select 'journal' as relation, entry as line from {{ journal() }}
{% endmacro %}
