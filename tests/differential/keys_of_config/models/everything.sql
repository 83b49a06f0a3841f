{{ config(
    materialized='table', alias='all_keys', tags=[7, 'in_file'], meta={'of': 'file'}, group='people',
    static_analysis='off', event_time='at', lookback=2, batch_size='day', begin='2024-01-01',
    concurrent_batches=true, on_configuration_change='apply', on_schema_change='ignore', unique_key=['id'],
    incremental_predicates=['true'], merge_update_columns=['id'], merge_exclude_columns=['at'],
    full_refresh=false, column_types={'id': 'int'}, packages=['a'], quoting={'identifier': true},
    grants={}, sql_header='-- header', contract={'enforced': false, 'alias_types': false}, access='public',
    on_error='continue', freshness={'build_after': {'count': 1, 'period': 'day', 'updates_on': 'any'}},
    pre_hook="select 1", post_hook={'sql': 'select 2', 'transaction': false}, own_key={'a': [1, none]}
) }}
select 1 as id, timestamp '2024-01-01' as at
