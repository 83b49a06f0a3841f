select home from {{ ref('shared') }}
