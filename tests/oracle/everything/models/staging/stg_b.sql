{{ config(materialized=var('mat'), enabled=true, lookback=3, unique_key=['id', 'x'], cluster_by={'a': 1}, persist_docs={"relation": true}) }}
select * from {{ source('raw', 'b') }} where {{ dbt.length('x') }} > 1
