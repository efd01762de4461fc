{# A column for each of the values, which are given: nothing reads them while the template is rendered. #}
{%- macro pivot(column, values, alias=true, agg='sum', cmp='=', prefix='', suffix='', then_value=1, else_value=0, quote_identifiers=true, distinct=false) -%}
    {{ return(adapter.dispatch('pivot', 'dbt_utils')(column, values, alias, agg, cmp, prefix, suffix, then_value, else_value, quote_identifiers, distinct)) }}
{%- endmacro -%}

{%- macro default__pivot(column, values, alias=true, agg='sum', cmp='=', prefix='', suffix='', then_value=1, else_value=0, quote_identifiers=true, distinct=false) -%}
    {%- for value in values -%}
        {%- set name = prefix ~ value ~ suffix -%}
        {{ agg }}({{ 'distinct ' if distinct }}case when {{ column }} {{ cmp }} {{ dbt.string_literal(dbt.escape_single_quotes(value)) }} then {{ then_value }} else {{ else_value }} end)
        {%- if alias %} as {{ adapter.quote(name) if quote_identifiers else dbt_utils.slugify(name) }}{% endif -%}
        {{ ',\n' if not loop.last }}
    {%- endfor -%}
{%- endmacro -%}
