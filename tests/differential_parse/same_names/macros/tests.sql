{% test positive(model, column_name) %}select * from {{ model }} where {{ column_name }} <= 0{% endtest %}

{% macro shifted(number, by=number + 1, again=by * 2) %}{{ number }} + {{ by }} + {{ again }}{% endmacro %}
