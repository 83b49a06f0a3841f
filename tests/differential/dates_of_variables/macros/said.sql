{% test said(model, column_name, what, parts) %}
select * from {{ model }}
where '{{ what }} {{ what.strftime("%Y") }}' = cast({{ column_name }} as varchar) -- {{ parts }}
{% endtest %}
