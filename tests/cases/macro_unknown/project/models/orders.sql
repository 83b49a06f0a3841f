select
    {{ euro('1250') }} as amount
