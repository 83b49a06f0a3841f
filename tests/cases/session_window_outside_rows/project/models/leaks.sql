{{ config(materialized='incremental', incremental_strategy='session_window', time_column='happened', outside_window=var('outside', 'error')) }}
select {{ var('version', 1) }} as version, cast(happened as timestamp) as happened
from (values ('2024-01-01 12:00:00'), ('2024-01-02 12:00:00'), ('2024-01-03 00:00:00'), (null)) as rows (happened)
{% if var('clean', false) %} where {{ in_session_window('happened', type='text', format='%Y-%m-%d %H:%M:%S') }} {% endif %}
