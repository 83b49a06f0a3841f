{% snapshot prices %}
{{ config(unique_key='id', strategy='check', check_cols='all') }}
select 1 as id, {{ var('price', 10) }} as price
{% endsnapshot %}
