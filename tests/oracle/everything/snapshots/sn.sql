{% snapshot sn %}
{{ config(target_schema='snaps', unique_key='id', strategy='check', check_cols=['a'], tags=['q']) }}
select * from {{ ref('m1') }}
{% endsnapshot %}
