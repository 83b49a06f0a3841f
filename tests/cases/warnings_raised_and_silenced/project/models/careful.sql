{% if execute %}{% do exceptions.warn('careful') %}{% endif %}select 1 as id
