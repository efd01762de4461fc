{%- macro current_timestamp() -%}
    {{ return(adapter.dispatch('current_timestamp', 'dbt')()) }}
{%- endmacro -%}

{%- macro default__current_timestamp() -%}
    now()
{%- endmacro -%}

{# As dbt_utils had it: without a zone. #}
{%- macro current_timestamp_backcompat() -%}
    {{ return(adapter.dispatch('current_timestamp_backcompat', 'dbt')()) }}
{%- endmacro -%}

{%- macro default__current_timestamp_backcompat() -%}
    cast(current_timestamp as {{ dbt.type_timestamp() }})
{%- endmacro -%}

{%- macro current_timestamp_in_utc_backcompat() -%}
    {{ return(adapter.dispatch('current_timestamp_in_utc_backcompat', 'dbt')()) }}
{%- endmacro -%}

{%- macro default__current_timestamp_in_utc_backcompat() -%}
    cast(current_timestamp at time zone 'utc' as {{ dbt.type_timestamp() }})
{%- endmacro -%}

{%- macro date_trunc(datepart, date) -%}
    {{ return(adapter.dispatch('date_trunc', 'dbt')(datepart, date)) }}
{%- endmacro -%}

{%- macro default__date_trunc(datepart, date) -%}
    date_trunc('{{ datepart }}', {{ date }})
{%- endmacro -%}

{# Of three numbers, a literal. #}
{%- macro date(year, month, day) -%}
    {{ return(adapter.dispatch('date', 'dbt')(year, month, day)) }}
{%- endmacro -%}

{%- macro default__date(year, month, day) -%}
    cast('{{ '%04d-%02d-%02d' | format(year, month, day) }}' as date)
{%- endmacro -%}

{%- macro dateadd(datepart, interval, from_date_or_timestamp) -%}
    {{ return(adapter.dispatch('dateadd', 'dbt')(datepart, interval, from_date_or_timestamp)) }}
{%- endmacro -%}

{# A quarter is no interval of the server's. #}
{%- macro default__dateadd(datepart, interval, from_date_or_timestamp) -%}
    {{ from_date_or_timestamp }} + ((interval '{{ '3 month' if datepart | lower == 'quarter' else '1 ' ~ datepart }}') * ({{ interval }}))
{%- endmacro -%}

{# How many beginnings of a part lie between the two: from 31 December to 1 January it is a year. Types are as under dbt. #}
{%- macro datediff(first_date, second_date, datepart) -%}
    {{ return(adapter.dispatch('datediff', 'dbt')(first_date, second_date, datepart)) }}
{%- endmacro -%}

{%- macro default__datediff(first_date, second_date, datepart) -%}
    {%- set part = datepart | lower -%}
    {%- set in_a_year = {'year': 1, 'quarter': 4, 'month': 12} -%}
    {%- set of_a_second = {'hour': [1, 3600], 'minute': [1, 60], 'second': [1, 1], 'millisecond': [1000, 1], 'microsecond': [1000000, 1]} -%}
    {%- set from_first = 'cast(' ~ first_date ~ ' as timestamp)' -%}
    {%- set to_second = 'cast(' ~ second_date ~ ' as timestamp)' -%}
    {%- if part in in_a_year -%}
        {%- set years = "date_part('year', " ~ to_second ~ ") - date_part('year', " ~ from_first ~ ")" -%}
        {%- if part == 'year' -%}
            ({{ years }})
        {%- else -%}
            (({{ years }}) * {{ in_a_year[part] }} + date_part('{{ part }}', {{ to_second }}) - date_part('{{ part }}', {{ from_first }}))
        {%- endif -%}
    {%- elif part == 'week' -%}
        {#- it begins on Sunday; the server's on Monday #}
        ((cast(date_trunc('week', {{ to_second }} + interval '1 day') as date) - cast(date_trunc('week', {{ from_first }} + interval '1 day') as date)) / 7)
    {%- elif part == 'day' -%}
        (cast({{ to_second }} as date) - cast({{ from_first }} as date))
    {%- elif part in of_a_second -%}
        {%- set times, by = of_a_second[part] -%}
        (round(date_part('epoch', date_trunc('{{ part }}', {{ to_second }}) - date_trunc('{{ part }}', {{ from_first }})) * {{ times }}) / {{ by }})
    {%- else -%}
        {{ exceptions.raise_compiler_error('"datediff" does not know the part "' ~ datepart ~ '" of a date: known are year, quarter, month, week, day, hour, minute, second, millisecond and microsecond') }}
    {%- endif -%}
{%- endmacro -%}

{%- macro last_day(date, datepart) -%}
    {{ return(adapter.dispatch('last_day', 'dbt')(date, datepart)) }}
{%- endmacro -%}

{%- macro default__last_day(date, datepart) -%}
    cast({{ dbt.dateadd('day', -1, dbt.dateadd(datepart, 1, dbt.date_trunc(datepart, date))) }} as date)
{%- endmacro -%}
