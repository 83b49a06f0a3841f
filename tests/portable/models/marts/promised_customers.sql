{{ config(
    materialized='table',
    contract={'enforced': true},
    grants={'select': ['reader']} if target.type == 'postgres' else {},
    persist_docs={'relation': true, 'columns': true}
) }}

select
    cast(customer_id as {{ dbt.type_int() }}) as customer_id,
    cast(customer_name as {{ dbt.type_string() }}) as customer_name
from {{ ref('stg_customers') }}
