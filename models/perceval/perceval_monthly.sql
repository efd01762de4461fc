select
    month, month_str,
    sum(count) as count,
    sum(amount) as amount,
    sum(amount)::double precision / sum(count)::double precision as avg_amount
from {{ ref('perceval_daily') }}
group by month, month_str
