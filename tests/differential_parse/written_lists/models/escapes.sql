{{ config(meta={"pattern": "\\d+\n", "it's": "it\'s"}, tags=["a\tb"], enabled=True) }}
select 1 as id
