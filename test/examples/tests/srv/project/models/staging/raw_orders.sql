select 2 as order_id, 12.50 as amount, 'FR' as region, 'paid' as kind
