{% set columns = ['order_id', 'amount'] %}

select
    {% for column in columns %}
    {{ column }},
    {% endfor %}
    price * quantty as total
from (select 1 as order_id, 2 as amount, 3 as price, 4 as quantity)
