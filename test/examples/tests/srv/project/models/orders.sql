select o.order_id, o.amount, o.kind, r.label
from {{ ref('raw_orders') }} o left join {{ ref('regions') }} r on r.code = o.region
where o.amount >= 10
