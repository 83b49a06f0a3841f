select {{ euros('1250', 2, 'EUR') }} as amount
