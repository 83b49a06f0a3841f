{{ config(post_hook=["select 4"]) }}
select 1 as id
