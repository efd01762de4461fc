with cases as (
    select to_timestamp(text, 'YYYY-MM-DD HH24:MI:SS')::timestamp as datetime, hour, date, month, month_str, year
    from (
        values
            ('2020-01-01 14:38:14', 14, date '2020-01-01', date '2020-01-01', '2020-01', 2020),
            ('2020-01-01 00:38:14', 0, date '2020-01-01', date '2020-01-01', '2020-01', 2020),
            ('2019-12-31 23:38:14', 23, date '2019-12-31', date '2019-12-01', '2019-12', 2019),
            ('2020-01-22 10:00:00', 10, date '2020-01-22', date '2020-01-01', '2020-01', 2020),
            ('2022-05-31 12:05:06', 12, date '2022-05-31', date '2022-05-01', '2022-05', 2022)
    ) as expected (text, hour, date, month, month_str, year)
)
select *
from cases
where datetime_to_hour_of_day(datetime) <> hour
    or datetime_to_date(datetime) <> date
    or date_to_month(datetime_to_date(datetime)) <> month
    or date_to_month_str(datetime_to_date(datetime)) <> month_str
    or date_to_year(datetime_to_date(datetime)) <> year
