select {{ euros('1250', places=3) }} as amount
