{# Tests of rows in an order. #}
{%- test sequential_values(model, column_name, interval=1, datepart=none, group_by_columns=[]) -%}
    {{ return(adapter.dispatch('test_sequential_values', 'dbt_utils')(model, column_name, interval, datepart, group_by_columns)) }}
{%- endtest -%}

{# The first one has none before it, and passes. #}
{%- macro default__test_sequential_values(model, column_name, interval=1, datepart=none, group_by_columns=[]) -%}
    {%- set groups = group_by_columns | join(', ') -%}
    {%- set previous = 'previous_' ~ dbt_utils.slugify(column_name) -%}
    select *
    from (
        select {{ groups ~ ', ' if groups }}{{ column_name }}, lag({{ column_name }}) over ({{ 'partition by ' ~ groups ~ ' ' if groups }}order by {{ column_name }}) as {{ previous }}
        from {{ model }}
    ) as in_order
    {% if datepart -%}
    where {{ dbt.cast(column_name, dbt.type_timestamp()) }} <> {{ dbt.cast(dbt.dateadd(datepart, interval, previous), dbt.type_timestamp()) }}
    {%- else -%}
    where {{ column_name }} <> {{ previous }} + {{ interval }}
    {%- endif -%}
{%- endmacro -%}

{%- test mutually_exclusive_ranges(model, lower_bound_column, upper_bound_column, partition_by=none, gaps='allowed', zero_length_range_allowed=false) -%}
    {{ return(adapter.dispatch('test_mutually_exclusive_ranges', 'dbt_utils')(model, lower_bound_column, upper_bound_column, partition_by, gaps, zero_length_range_allowed)) }}
{%- endtest -%}

{# A bound that is NULL fails, but for the upper one of the last range. #}
{%- macro default__test_mutually_exclusive_ranges(model, lower_bound_column, upper_bound_column, partition_by=none, gaps='allowed', zero_length_range_allowed=false) -%}
    {%- set to_next = {'allowed': '<=', 'not_allowed': '=', 'required': '<'} -%}
    {%- if gaps not in to_next -%}
        {{ exceptions.raise_compiler_error('"gaps" of mutually_exclusive_ranges is allowed, not_allowed or required, and not "' ~ gaps ~ '"') }}
    {%- endif -%}
    {%- set partition = 'partition by ' ~ partition_by ~ ' ' if partition_by else '' -%}
    select *
    from (
        select {{ partition_by ~ ' as partition_by_col, ' if partition_by }}{{ lower_bound_column }} as lower_bound, {{ upper_bound_column }} as upper_bound,
               lead({{ lower_bound_column }}) over in_order as next_lower_bound, lead(true) over in_order is null as is_last_record
        from {{ model }}
        window in_order as ({{ partition }}order by {{ lower_bound_column }}, {{ upper_bound_column }})
    ) as ranges
    where not (coalesce(lower_bound {{ '<=' if zero_length_range_allowed else '<' }} upper_bound, false)
               and coalesce(upper_bound {{ to_next[gaps] }} next_lower_bound, is_last_record, false))
{%- endmacro -%}
