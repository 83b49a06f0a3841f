select 1 as id where {{ 'true' if adapter.behavior.enable_truthy_nulls_equals_macro else 'false' }}
