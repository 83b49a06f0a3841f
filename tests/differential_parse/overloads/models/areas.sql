select {{ function('area') }}(side) as square, {{ function('area') }}(side, 2) as rectangle, {{ function('area') }}('abc'::text) as of_text from {{ ref('shapes') }}
