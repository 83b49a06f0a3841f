select count(*) as 件数 from {{ ref('the orders') }}
