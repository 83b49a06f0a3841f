{{ config(materialized='ephemeral') }}
{% set since = modules.datetime.date.today() %}
select 1 as id, date '2023-11-30' as day, '{{ since }}' as since, {{ year() }} as year
