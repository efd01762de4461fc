select id, status, changed_at from {{ source('shop', 'orders') }}
