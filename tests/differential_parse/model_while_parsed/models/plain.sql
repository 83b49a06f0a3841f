{% if not execute %}{{ config(meta={'told': told()}, enabled=(model.config.materialized == 'view')) }}{% endif %}
select * from {{ ref('orders') }}
