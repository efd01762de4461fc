select id, status, changed_at, id as order_id, 'paid' as kind, 12 as amount from {{ source('shop', 'orders') }}
