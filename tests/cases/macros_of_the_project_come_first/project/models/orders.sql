select {{ current_timestamp() }} as built, {{ spoken('said') }} as said
