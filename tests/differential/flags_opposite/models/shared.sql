select 'project' as home
