select id, '{{ var("word") }}' as word
from {{ var('read_from') }}
where id < {{ var('most') | int }}
