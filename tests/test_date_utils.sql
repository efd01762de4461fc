select *
from (
    values
        (date '2020-01-22', date '2020-01-01', '2020-01'),
        (date '2020-01-01', date '2020-01-01', '2020-01'),
        (date '2022-05-31', date '2022-05-01', '2022-05')
) as cases (date, month, month_str)
where date_to_month(cases.date) <> cases.month or date_to_month_str(cases.date) <> cases.month_str
