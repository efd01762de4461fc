-- A day with reports and no amount stays, without its date.
select
    to_date(amounts.day, 'YYYY-MM-DD') as date,
    amounts.day as date_str,
    amounts.amount,
    reports.count,
    date_trunc('month', to_date(amounts.day, 'YYYY-MM-DD')::timestamptz) as month,
    date_to_month_str(to_date(amounts.day, 'YYYY-MM-DD')) as month_str
from {{ source('tap_perceval', 'amount_of_money_day') }} as amounts
full outer join {{ source('tap_perceval', 'nb_report_day') }} as reports on reports.day = amounts.day
