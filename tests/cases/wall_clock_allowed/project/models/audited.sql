{{ config(wall_clock='allow') }}
select date '2023-11-30' as day, current_timestamp as audited_at
{% do log('at ' ~ modules.datetime.datetime.now()) %}
