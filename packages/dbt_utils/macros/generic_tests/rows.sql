{# Tests of rows, one at a time. #}
{%- test expression_is_true(model, expression, column_name=none, condition='1=1') -%}
    {{ return(adapter.dispatch('test_expression_is_true', 'dbt_utils')(model, expression, column_name, condition)) }}
{%- endtest -%}

{# `condition` is of dbt_utils before 1.0: other rows are not tested, nor is the expression computed for them. #}
{%- macro default__test_expression_is_true(model, expression, column_name=none, condition='1=1') -%}
    {%- set is_true = expression if column_name is none else column_name ~ ' ' ~ expression -%}
    select * from {{ model }}
    where {% if condition == '1=1' %}not ({{ is_true }}){% else %}case when ({{ condition }}) then not ({{ is_true }}) end{% endif %}
{%- endmacro -%}

{%- test accepted_range(model, column_name, min_value=none, max_value=none, inclusive=true) -%}
    {{ return(adapter.dispatch('test_accepted_range', 'dbt_utils')(model, column_name, min_value, max_value, inclusive)) }}
{%- endtest -%}

{%- macro default__test_accepted_range(model, column_name, min_value=none, max_value=none, inclusive=true) -%}
    {%- set outside = [] -%}
    {%- for sign, bound in [('>', min_value), ('<', max_value)] if bound is not none -%}
        {%- do outside.append('not (' ~ column_name ~ ' ' ~ sign ~ ('=' if inclusive else '') ~ ' ' ~ bound ~ ')') -%}
    {%- endfor -%}
    select * from {{ model }} where {{ outside | join(' or ') or 'false' }}
{%- endmacro -%}

{%- test not_empty_string(model, column_name, trim_whitespace=true) -%}
    {{ return(adapter.dispatch('test_not_empty_string', 'dbt_utils')(model, column_name, trim_whitespace)) }}
{%- endtest -%}

{%- macro default__test_not_empty_string(model, column_name, trim_whitespace=true) -%}
    select {{ column_name }} from {{ model }} where {{ 'trim(' ~ column_name ~ ')' if trim_whitespace else column_name }} = ''
{%- endmacro -%}

{%- test not_accepted_values(model, column_name, values, quote=true) -%}
    {{ return(adapter.dispatch('test_not_accepted_values', 'dbt_utils')(model, column_name, values, quote)) }}
{%- endtest -%}

{# An apostrophe in a value is written once, or twice, as in accepted_values. #}
{%- macro default__test_not_accepted_values(model, column_name, values, quote=true) -%}
    {%- set unwanted = [] -%}
    {%- for value in values -%}
        {%- do unwanted.append(dbt.string_literal(dbt.escape_single_quotes(value | replace("''", "'"))) if quote else value) -%}
    {%- endfor -%}
    select distinct {{ column_name }} as value_field from {{ model }} where {{ column_name }} in ({{ unwanted | join(', ') }})
{%- endmacro -%}

{%- test not_null_where(model, column_name) -%}
    {{ return(adapter.dispatch('test_not_null_where', 'dbt_utils')(model, column_name)) }}
{%- endtest -%}

{# Of dbt_utils before 1.0; `where` is what any test may say, and in the model by now. #}
{%- macro default__test_not_null_where(model, column_name) -%}
    select * from {{ model }} where {{ column_name }} is null
{%- endmacro -%}
