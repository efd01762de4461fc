select id, v from {{ source('tap', 's') }}
