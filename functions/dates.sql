-- Dates of the models. to_char depends on lc_time, so what uses it is STABLE;
-- an IMMUTABLE wrapper would not be inlined.

create or replace function public.datetime_to_hour_of_day(datetime timestamp) returns int
language sql immutable parallel safe as
$$ select extract(hour from datetime)::int $$;

create or replace function public.datetime_to_date(datetime timestamp) returns date
language sql immutable parallel safe as
$$ select datetime::date $$;

create or replace function public.date_to_month(date date) returns date
language sql immutable parallel safe as
$$ select date_trunc('month', date::timestamp)::date $$;

create or replace function public.date_to_month_str(date date) returns text
language sql stable parallel safe as
$$ select to_char(date::timestamp, 'YYYY-MM') $$;

create or replace function public.date_to_year(date date) returns int
language sql immutable parallel safe as
$$ select extract(year from date)::int $$;
