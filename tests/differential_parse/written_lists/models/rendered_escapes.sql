{{ config(meta={"pattern": "\\d+\n"}, enabled=("x" not in var("left_out", []))) }}
{% set one = 1 %}
select {{ one }} as id
