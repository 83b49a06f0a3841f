select 2 as größe
