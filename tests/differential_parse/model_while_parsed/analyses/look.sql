{% if not execute %}{{ config(meta={'told': told()}) }}{% endif %}
select * from {{ ref('orders') }}
