select id from {{ ref('x') }}
