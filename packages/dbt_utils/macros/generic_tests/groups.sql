{# Tests of a table, or of each of its groups. #}
{%- test at_least_one(model, column_name, group_by_columns=[]) -%}
    {{ return(adapter.dispatch('test_at_least_one', 'dbt_utils')(model, column_name, group_by_columns)) }}
{%- endtest -%}

{# Without groups the first value that is found ends the search. #}
{%- macro default__test_at_least_one(model, column_name, group_by_columns=[]) -%}
    {%- if group_by_columns -%}
        {%- set groups = group_by_columns | join(', ') -%}
        select {{ groups }}, count({{ column_name }}) as filler_column from {{ model }} group by {{ groups }} having count({{ column_name }}) = 0
    {%- else -%}
        select 0 as filler_column where not exists (select from {{ model }} where {{ column_name }} is not null)
    {%- endif -%}
{%- endmacro -%}

{%- test not_constant(model, column_name, group_by_columns=[]) -%}
    {{ return(adapter.dispatch('test_not_constant', 'dbt_utils')(model, column_name, group_by_columns)) }}
{%- endtest -%}

{%- macro default__test_not_constant(model, column_name, group_by_columns=[]) -%}
    {%- set groups = group_by_columns | join(', ') -%}
    select {{ groups ~ ', ' if groups }}count(distinct {{ column_name }}) as filler_column
    from {{ model }}{{ ' group by ' ~ groups if groups }}
    having count(distinct {{ column_name }}) = 1
{%- endmacro -%}

{%- test not_null_proportion(model, column_name, at_least, at_most=1, group_by_columns=[]) -%}
    {{ return(adapter.dispatch('test_not_null_proportion', 'dbt_utils')(model, column_name, at_least, at_most, group_by_columns)) }}
{%- endtest -%}

{# No rows have no share, and pass. #}
{%- macro default__test_not_null_proportion(model, column_name, at_least, at_most=1, group_by_columns=[]) -%}
    {%- set groups = group_by_columns | join(', ') -%}
    select *
    from (
        select {{ groups ~ ', ' if groups }}count({{ column_name }}) / nullif(cast(count(*) as {{ dbt.type_numeric() }}), 0) as not_null_proportion
        from {{ model }}{{ ' group by ' ~ groups if groups }}
    ) as shares
    where not_null_proportion < {{ at_least }} or not_null_proportion > {{ at_most }}
{%- endmacro -%}

{%- test unique_combination_of_columns(model, combination_of_columns, quote_columns=false) -%}
    {{ return(adapter.dispatch('test_unique_combination_of_columns', 'dbt_utils')(model, combination_of_columns, quote_columns)) }}
{%- endtest -%}

{%- macro default__test_unique_combination_of_columns(model, combination_of_columns, quote_columns=false) -%}
    {%- set columns = [] -%}
    {%- for column in combination_of_columns -%}
        {%- do columns.append(adapter.quote(column) if quote_columns else column) -%}
    {%- endfor -%}
    {%- set columns = columns | join(', ') -%}
    select {{ columns }} from {{ model }} group by {{ columns }} having count(*) > 1
{%- endmacro -%}

{%- test unique_where(model, column_name) -%}
    {{ return(adapter.dispatch('test_unique_where', 'dbt_utils')(model, column_name)) }}
{%- endtest -%}

{# Of dbt_utils before 1.0; `where` is what any test may say, and in the model by now. #}
{%- macro default__test_unique_where(model, column_name) -%}
    select {{ column_name }} from {{ model }} where {{ column_name }} is not null group by {{ column_name }} having count(*) > 1
{%- endmacro -%}

{%- test recency(model, field, datepart, interval, ignore_time_component=false, group_by_columns=[]) -%}
    {{ return(adapter.dispatch('test_recency', 'dbt_utils')(model, field, datepart, interval, ignore_time_component, group_by_columns)) }}
{%- endtest -%}

{# What has no time at all is not recent either. #}
{%- macro default__test_recency(model, field, datepart, interval, ignore_time_component=false, group_by_columns=[]) -%}
    {%- set groups = group_by_columns | join(', ') -%}
    {%- set newest = 'max(' ~ field ~ ')' -%}
    {%- set threshold = dbt.cast(dbt.dateadd(datepart, '-(' ~ interval ~ ')', dbt.current_timestamp()), 'date' if ignore_time_component else dbt.type_timestamp()) -%}
    select *
    from (
        select {{ groups ~ ', ' if groups }}{{ dbt.cast(newest, 'date') if ignore_time_component else newest }} as most_recent, {{ threshold }} as threshold
        from {{ model }}{{ ' group by ' ~ groups if groups }}
    ) as recency
    where most_recent < threshold or most_recent is null
{%- endmacro -%}
