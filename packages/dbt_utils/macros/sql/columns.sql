{# Columns of a relation, as they are when it is read. #}
{%- macro get_filtered_columns_in_relation(from, except=[]) -%}
    {{ return(adapter.dispatch('get_filtered_columns_in_relation', 'dbt_utils')(from, except)) }}
{%- endmacro -%}

{%- macro default__get_filtered_columns_in_relation(from, except=[]) -%}
    {%- do dbt_utils._is_relation(from, 'get_filtered_columns_in_relation') -%}
    {%- set unwanted = except | map('lower') | list -%}
    {%- set names = [] -%}
    {%- for column in adapter.get_columns_in_relation(from) if column.name | lower not in unwanted -%}
        {%- do names.append(column.name) -%}
    {%- endfor -%}
    {{ return(names) }}
{%- endmacro -%}

{%- macro star(from, relation_alias=false, except=[], prefix='', suffix='', quote_identifiers=true, unquote_aliases=false, rename={}) -%}
    {{ return(adapter.dispatch('star', 'dbt_utils')(from, relation_alias, except, prefix, suffix, quote_identifiers, unquote_aliases, rename)) }}
{%- endmacro -%}

{# An alias is there only where the name is another: what groups by the same text goes on. #}
{%- macro default__star(from, relation_alias=false, except=[], prefix='', suffix='', quote_identifiers=true, unquote_aliases=false, rename={}) -%}
    {%- do dbt_utils._is_relation(from, 'star') -%}
    {%- set renamed = {} -%}
    {%- for old, new in rename.items() -%}
        {%- do renamed.update({old | lower: new}) -%}
    {%- endfor -%}
    {%- set listed = [] -%}
    {%- for name in dbt_utils.get_filtered_columns_in_relation(from, except) -%}
        {%- set called = prefix ~ name ~ suffix -%}
        {%- set new = none -%}
        {%- if name | lower in renamed -%}
            {%- set new = renamed[name | lower] -%}
        {%- elif quote_identifiers and unquote_aliases -%}
            {%- set new = called -%}
        {%- elif called != name -%}
            {%- set new = adapter.quote(called) if quote_identifiers else called -%}
        {%- endif -%}
        {%- do listed.append((relation_alias ~ '.' if relation_alias else '') ~ (adapter.quote(name) if quote_identifiers else name) ~ (' as ' ~ new if new is not none else '')) -%}
    {%- endfor -%}
    {{ return(listed | join(',\n  ') if listed else '/* star() found no columns */') }}
{%- endmacro -%}

{# Empty texts become NULL. #}
{%- macro nullcheck(cols) -%}
    {{ return(adapter.dispatch('nullcheck', 'dbt_utils')(cols)) }}
{%- endmacro -%}

{%- macro default__nullcheck(cols) -%}
    {%- set listed = [] -%}
    {%- for column in cols -%}
        {%- do listed.append("nullif(" ~ column.quoted ~ ", '') as " ~ column.quoted if column.is_string() else column.quoted) -%}
    {%- endfor -%}
    {{ listed | join(', ') }}
{%- endmacro -%}

{%- macro nullcheck_table(relation) -%}
    {{ return(adapter.dispatch('nullcheck_table', 'dbt_utils')(relation)) }}
{%- endmacro -%}

{%- macro default__nullcheck_table(relation) -%}
    {%- do dbt_utils._is_relation(relation, 'nullcheck_table') -%}
    select {{ dbt_utils.nullcheck(adapter.get_columns_in_relation(relation)) }} from {{ relation }}
{%- endmacro -%}

{%- macro unpivot(relation=none, cast_to='varchar', exclude=none, remove=none, field_name='field_name', value_name='value', quote_identifiers=false) -%}
    {{ return(adapter.dispatch('unpivot', 'dbt_utils')(relation, cast_to, exclude, remove, field_name, value_name, quote_identifiers)) }}
{%- endmacro -%}

{# A row for each column of each row; those of `exclude` are in every row, those of `remove` in none. #}
{%- macro default__unpivot(relation=none, cast_to='varchar', exclude=none, remove=none, field_name='field_name', value_name='value', quote_identifiers=false) -%}
    {%- if relation is none -%}
        {{ exceptions.raise_compiler_error('"unpivot" lacks its argument "relation", such as ref(\'x\')') }}
    {%- endif -%}
    {%- do dbt_utils._is_relation(relation, 'unpivot') -%}
    {%- set kept = exclude or [] -%}
    {%- set left_out = ((remove or []) + kept) | map('lower') | list -%}
    {%- set beside = [] -%}
    {%- for name in kept -%}
        {%- do beside.append((adapter.quote(name) if quote_identifiers else name) ~ ', ') -%}
    {%- endfor -%}
    {%- set field = adapter.quote(field_name) if quote_identifiers else field_name -%}
    {%- set content = adapter.quote(value_name) if quote_identifiers else value_name -%}
    {%- set selects = [] -%}
    {%- for column in adapter.get_columns_in_relation(relation) if column.name | lower not in left_out -%}
        {%- set is_flag = column.data_type == 'boolean' -%}
        {%- do selects.append('select ' ~ beside | join ~ 'cast(' ~ dbt.string_literal(dbt.escape_single_quotes(column.name)) ~ ' as ' ~ dbt.type_string() ~ ') as ' ~ field
                              ~ ', cast(' ~ (dbt.cast_bool_to_text(column.quoted) if is_flag else column.quoted) ~ ' as ' ~ cast_to ~ ') as ' ~ content ~ ' from ' ~ relation) -%}
    {%- endfor -%}
    {{ selects | join('\nunion all\n') }}
{%- endmacro -%}
