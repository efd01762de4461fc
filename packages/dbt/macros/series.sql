{# Queries that make rows. #}
{%- macro get_powers_of_two(upper_bound) -%}
    {{ return(adapter.dispatch('get_powers_of_two', 'dbt')(upper_bound)) }}
{%- endmacro -%}

{# The least power of 2 that reaches it, 1 at least. #}
{%- macro default__get_powers_of_two(upper_bound) -%}
    {%- if upper_bound is not number or upper_bound <= 0 -%}
        {{ exceptions.raise_compiler_error('the upper bound must be a positive number, not "' ~ upper_bound ~ '"') }}
    {%- endif -%}
    {%- set reached = namespace(power=1) -%}
    {%- for power in range(1, 62) if 2 ** power < upper_bound -%}
        {%- set reached.power = power + 1 -%}
    {%- endfor -%}
    {{ return(reached.power) }}
{%- endmacro -%}

{%- macro generate_series(upper_bound) -%}
    {{ return(adapter.dispatch('generate_series', 'dbt')(upper_bound)) }}
{%- endmacro -%}

{# From 1, of the type that dbt's has. #}
{%- macro default__generate_series(upper_bound) -%}
    {%- if upper_bound is number and upper_bound <= 0 -%}
        {{ exceptions.raise_compiler_error('the upper bound must be a positive number, not "' ~ upper_bound ~ '"') }}
    {%- endif -%}
    select cast(number as double precision) as generated_number from generate_series(1, {{ upper_bound }}) as numbers (number) order by number
{%- endmacro -%}

{%- macro get_intervals_between(start_date, end_date, datepart) -%}
    {{ return(adapter.dispatch('get_intervals_between', 'dbt')(start_date, end_date, datepart)) }}
{%- endmacro -%}

{%- macro default__get_intervals_between(start_date, end_date, datepart) -%}
    {{ exceptions.raise_not_implemented('"get_intervals_between" asks the database while the template is rendered, which nothing does here: count in the SQL, with dbt.datediff(), or use dbt_utils.date_spine(), which does') }}
{%- endmacro -%}

{%- macro date_spine(datepart, start_date, end_date) -%}
    {{ return(adapter.dispatch('date_spine', 'dbt')(datepart, start_date, end_date)) }}
{%- endmacro -%}

{# As many rows as datediff() counts, but none after the end. A literal alone would be added to as an interval. #}
{%- macro default__date_spine(datepart, start_date, end_date) -%}
    {%- set start = start_date | string | trim -%}
    {%- set start = 'cast(' ~ start ~ ' as timestamp)' if start.startswith("'") and start.endswith("'") else start_date -%}
    select date_{{ datepart }}
    from (
        select ({{ dbt.dateadd(datepart, 'number - 1', start) }}) as date_{{ datepart }}
        from generate_series(1, cast({{ dbt.datediff(start, end_date, datepart) }} as integer)) as numbers (number)
    ) as all_periods
    where date_{{ datepart }} <= {{ end_date }}
{%- endmacro -%}
