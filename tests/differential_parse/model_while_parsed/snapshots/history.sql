{% snapshot history %}
{{ config(unique_key='id', strategy='check', check_cols='all') }}
{% if not execute %}{{ config(meta={'told': told()}) }}{% endif %}
select * from {{ ref('orders') }}
{% endsnapshot %}
