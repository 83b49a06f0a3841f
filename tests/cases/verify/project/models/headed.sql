{{ config(materialized='table', sql_header="set variable first_id = 7;") }}
select getvariable('first_id') as id
