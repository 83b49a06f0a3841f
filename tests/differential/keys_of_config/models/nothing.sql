{{ config(schema=none, full_refresh=none, unique_key=none, own_key=none, group=none, alias=none) }}
select '{{ project_name }}' as project, {{ type_int() | length }}{{ dbt.type_int() | length }}{{ type_float() | length }}{{ dbt.type_float() | length }} as lengths
