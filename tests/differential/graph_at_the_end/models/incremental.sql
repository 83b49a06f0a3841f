{{ config(materialized='incremental', unique_key='id', alias=var('al', 'inc_alias'), schema='other') }}
select id from {{ ref('uses') }} {% if is_incremental() %} where id > 0 {% endif %}
{{ by_name('other_one') if execute }}
