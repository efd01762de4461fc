select
    date_publi as date,
    date_to_month(date_publi) as month,
    count(*) as exp_count,
    date_to_month_str(date_publi) as month_str
from {{ ref('voxusagers_clean') }}
group by date_publi
