{% set x = 1 %}{{ config(materialized='incremental' if x else 'view', pre_hook="select '{{ this }}'", sql_header=none, on_schema_change=env_var('OSC', 'fail') ~ '', tags="a", full_refresh=not false, limit=-1, x=(1,), y=1.5, w=1 == 2, v=var('x', 1) and 2) }}
select 1 as id
