{% do exceptions.warn_snapshot_timestamp_data_types('timestamp', 'date') %} {{ exceptions.warn('once') or '' }}
select 1 as id
