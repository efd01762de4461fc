{# Tests that compare a table with another one. #}
{%- test relationships_where(model, column_name, to, field, from_condition='1=1', to_condition='1=1') -%}
    {{ return(adapter.dispatch('test_relationships_where', 'dbt_utils')(model, column_name, to, field, from_condition, to_condition)) }}
{%- endtest -%}

{# NULL passes. Both tables are read before they meet, so that conditions may name columns that both have. #}
{%- macro default__test_relationships_where(model, column_name, to, field, from_condition='1=1', to_condition='1=1') -%}
    select id
    from (select {{ column_name }} as id from {{ model }} where {{ column_name }} is not null and ({{ from_condition }})) as ours
    where not exists (select from (select {{ field }} as id from {{ to }} where ({{ to_condition }})) as theirs where theirs.id = ours.id)
{%- endmacro -%}

{%- test cardinality_equality(model, column_name, to, field) -%}
    {{ return(adapter.dispatch('test_cardinality_equality', 'dbt_utils')(model, column_name, to, field)) }}
{%- endtest -%}

{%- macro default__test_cardinality_equality(model, column_name, to, field) -%}
    with ours as (select {{ column_name }}, count(*) as num_rows from {{ model }} group by {{ column_name }}),
    theirs as (select {{ field }}, count(*) as num_rows from {{ to }} group by {{ field }})
    (select * from ours {{ dbt.except() }} select * from theirs)
    union all
    (select * from theirs {{ dbt.except() }} select * from ours)
{%- endmacro -%}

{%- test equal_rowcount(model, compare_model, group_by_columns=[]) -%}
    {{ return(adapter.dispatch('test_equal_rowcount', 'dbt_utils')(model, compare_model, group_by_columns)) }}
{%- endtest -%}

{%- macro default__test_equal_rowcount(model, compare_model, group_by_columns=[]) -%}
    {{ config(fail_calc='coalesce(sum(diff_count), 0)') }}
    select *
    from (
        {{ dbt_utils._row_counts(model, compare_model, group_by_columns, 'count_a', 'count_b', 'abs(a.rows - b.rows) as diff_count') }}
    ) as counted
    where diff_count > 0
{%- endmacro -%}

{%- test fewer_rows_than(model, compare_model, group_by_columns=[]) -%}
    {{ return(adapter.dispatch('test_fewer_rows_than', 'dbt_utils')(model, compare_model, group_by_columns)) }}
{%- endtest -%}

{# As many rows as the other has are one too many. #}
{%- macro default__test_fewer_rows_than(model, compare_model, group_by_columns=[]) -%}
    {{ config(fail_calc='coalesce(sum(row_count_delta), 0)') }}
    select *
    from (
        {{ dbt_utils._row_counts(model, compare_model, group_by_columns, 'count_our_model', 'count_comparison_model', 'case a.rows when b.rows then 1 else a.rows - b.rows end as row_count_delta') }}
    ) as counted
    where row_count_delta > 0
{%- endmacro -%}

{# How many rows two relations have, as dbt_utils compares them: by groups only those that both have. #}
{%- macro _row_counts(model, compare_model, group_by_columns, ours, theirs, difference) -%}
    {%- set groups = [] -%}
    {%- set shown = [] -%}
    {%- set same = [] -%}
    {%- for column in group_by_columns -%}
        {%- set name = 'group_' ~ loop.index -%}
        {%- do groups.append(column ~ ' as ' ~ name ~ ', ') -%}
        {%- do shown.append('a.' ~ name ~ ' as ' ~ column ~ ', ') -%}
        {%- do same.append('a.' ~ name ~ ' = b.' ~ name) -%}
    {%- endfor -%}
    {%- set by = ' group by ' ~ range(1, group_by_columns | length + 1) | join(', ') if group_by_columns else '' -%}
    select {{ shown | join }}a.rows as {{ ours }}, b.rows as {{ theirs }}, {{ difference }}
    from (select {{ groups | join }}count(*) as rows from {{ model }}{{ by }}) as a
    join (select {{ groups | join }}count(*) as rows from {{ compare_model }}{{ by }}) as b on {{ same | join(' and ') or 'true' }}
{%- endmacro -%}

{%- test equality(model, compare_model, compare_columns=none, exclude_columns=none, precision=none) -%}
    {{ return(adapter.dispatch('test_equality', 'dbt_utils')(model, compare_model, compare_columns, exclude_columns, precision)) }}
{%- endtest -%}

{# Rows that one has and the other lacks, without regard to how often. What differs by number alone counts, too. #}
{%- macro default__test_equality(model, compare_model, compare_columns=none, exclude_columns=none, precision=none) -%}
    {{ config(fail_calc="count(*) + coalesce(abs(sum(case which_diff when 'a_minus_b' then 1 else -1 end)), 0)") }}
    {%- if compare_columns and exclude_columns -%}
        {{ exceptions.raise_compiler_error('"equality" takes compare_columns or exclude_columns, not both') }}
    {%- endif -%}
    {%- set listed = compare_columns if compare_columns and not precision else dbt_utils._columns_to_compare(model, compare_model, compare_columns, exclude_columns, precision) -%}
    {%- set listed = listed | join(', ') -%}
    {%- set ours = 'select ' ~ listed ~ ' from ' ~ model -%}
    {%- set theirs = 'select ' ~ listed ~ ' from ' ~ compare_model -%}
    select 'a_minus_b' as which_diff, a_minus_b.* from ({{ ours }} {{ dbt.except() }} {{ theirs }}) as a_minus_b
    union all
    select 'b_minus_a' as which_diff, b_minus_a.* from ({{ theirs }} {{ dbt.except() }} {{ ours }}) as b_minus_a
{%- endmacro -%}

{# As SQL. Both must have the same ones, unless they are listed; numbers that are not whole are rounded to `precision`. #}
{%- macro _columns_to_compare(model, compare_model, compare_columns, exclude_columns, precision) -%}
    {%- set wanted = (compare_columns or []) | map('lower') | list -%}
    {%- set unwanted = (exclude_columns or []) | map('lower') | list -%}
    {%- set names = [] -%}
    {%- set listed = [] -%}
    {%- for column in adapter.get_columns_in_relation(model) if column.name | lower not in unwanted and (not wanted or column.name | lower in wanted) -%}
        {%- do names.append(column.name | lower) -%}
        {%- if precision and (column.is_float() or column.is_numeric()) -%}
            {%- do listed.append('round(' ~ dbt.cast(column.quoted, dbt.type_numeric()) ~ ', ' ~ precision ~ ') as ' ~ column.quoted) -%}
        {%- else -%}
            {%- do listed.append(column.quoted) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set others = [] -%}
    {%- for name in adapter.get_columns_in_relation(compare_model) | map(attribute='name') | map('lower') if name not in unwanted -%}
        {%- do others.append(name) -%}
    {%- endfor -%}
    {%- if not wanted and names | sort != others | sort -%}
        {{ exceptions.raise_compiler_error('the two tables have other columns, ' ~ names | sort | join(', ') ~ ' and ' ~ others | sort | join(', ') ~ ': name those that count in compare_columns, or those that do not in exclude_columns') }}
    {%- endif -%}
    {{ return(listed) }}
{%- endmacro -%}
