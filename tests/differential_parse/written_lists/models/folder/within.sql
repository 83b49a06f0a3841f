{{ config(pre_hook=asked()) }}
select 1 as id
