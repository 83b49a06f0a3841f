select
    {% for column in ['a', 'b'] %}
    {{ column }},
    {% endfr %}
    1 as one
