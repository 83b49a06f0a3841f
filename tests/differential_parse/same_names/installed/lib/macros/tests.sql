{% test positive(model, column_name) %}select * from {{ model }} where {{ column_name }} < 1{% endtest %}

{% test even(model, column_name) %}select * from {{ model }} where {{ column_name }} % 2 = 1{% endtest %}
