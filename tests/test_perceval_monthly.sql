-- The same reports by day, month, department and age, and the same money by day and month.
with sums as (
    select
        (select sum(count) from {{ ref('perceval_daily') }}) as by_day,
        (select sum(count) from {{ ref('perceval_monthly') }}) as by_month,
        (select sum(count) from {{ ref('perceval_geo') }}) as by_department,
        (select sum(count) from {{ ref('perceval_age_cat') }}) as by_age,
        (select sum(amount) from {{ ref('perceval_daily') }}) as amount_by_day,
        (select sum(amount) from {{ ref('perceval_monthly') }}) as amount_by_month
)
select *
from sums
where by_day <> by_month or by_day <> by_department or by_day <> by_age
    or abs(amount_by_day - amount_by_month) > 1
