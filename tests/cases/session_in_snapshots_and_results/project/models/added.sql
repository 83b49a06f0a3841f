{{ config(materialized='incremental', grain='hour', time_column='happened_at') }}
select '{{ session.window }}' as session_window, {{ session_time() }} as happened_at
{% if var('broken', true) %} where no_such_column {% endif %}
