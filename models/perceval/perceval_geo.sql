select
    to_date(reports.month, 'YYYY-MM') as month,
    reports.month as month_str,
    reports.dpt_code,
    geo.iso_3166_2 as geo_dpt_iso,
    geo.subdiv_name as geo_dpt_name,
    reports.count
from {{ source('tap_perceval', 'dpt_report_month') }} as reports
left join {{ ref('fra_iso_3166_2') }} as geo on geo.iso_3166_2 = dpt_code_to_iso(reports.dpt_code)
