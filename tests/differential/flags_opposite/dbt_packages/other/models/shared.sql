select 'package' as home
