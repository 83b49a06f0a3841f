{{ config (alias="a_part", tags=["x", "y"]) }}{% set one = 1 %}
select {{ one }} as id
