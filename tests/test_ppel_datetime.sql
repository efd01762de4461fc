-- The parts cut out of the text as it came are those of the timestamp made from it.
with parts as (
    select
        datetime, date, month_str,
        substring(original_datetime from 1 for 4) as year,
        substring(original_datetime from 6 for 2) as month,
        substring(original_datetime from 9 for 2) as day,
        substring(original_datetime from 12 for 2) as hour,
        substring(original_datetime from 15 for 2) as minute
    from {{ ref('ppel_clean_logs') }}
)
select *
from parts
where year::int <> extract(year from datetime)
    or month::int <> extract(month from datetime)
    or day::int <> extract(day from datetime)
    or hour::int <> extract(hour from datetime)
    or minute::int <> extract(minute from datetime)
    or year || '-' || month || '-' || day <> date::text
    or year || '-' || month <> month_str
