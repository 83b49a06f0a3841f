{{ config(materialized='table') }}
{{ config(group='g', access='private') }}
select 1 as id, {{ target.name }} as x
