{# All columns of all relations by name, in the order they are first seen, after a column that tells the relation. #}
{%- macro union_relations(relations, column_override=none, include=[], exclude=[], source_column_name='_dbt_source_relation', where=none) -%}
    {{ return(adapter.dispatch('union_relations', 'dbt_utils')(relations, column_override, include, exclude, source_column_name, where)) }}
{%- endmacro -%}

{%- macro default__union_relations(relations, column_override=none, include=[], exclude=[], source_column_name='_dbt_source_relation', where=none) -%}
    {%- if relations is string or relations is not sequence or not relations -%}
        {{ exceptions.raise_compiler_error('"union_relations" takes a list of relations, such as relations=[ref(\'a\'), ref(\'b\')]') }}
    {%- endif -%}
    {%- if include and exclude -%}
        {{ exceptions.raise_compiler_error('"union_relations" takes include or exclude, not both') }}
    {%- endif -%}
    {%- set overrides = column_override or {} -%}
    {%- set wanted = include | map('lower') | list -%}
    {%- set unwanted = exclude | map('lower') | list -%}
    {%- set all = {} -%}
    {%- set of_each = [] -%}
    {%- for relation in relations -%}
        {%- set own = [] -%}
        {%- for column in adapter.get_columns_in_relation(relation) if column.name | lower not in unwanted and (not wanted or column.name | lower in wanted) -%}
            {%- do own.append(column.name) -%}
            {%- set known = all.get(column.name) -%}
            {#- of two texts the longer one #}
            {%- if known is none or (known.is_string() and column.is_string() and column.string_size() > known.string_size()) -%}
                {%- do all.update({column.name: column}) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- do of_each.append(own) -%}
    {%- endfor -%}
    {%- for relation in relations -%}
        {%- set own = of_each[loop.index0] -%}
        {%- set listed = [] -%}
        {%- if source_column_name is not none -%}
            {%- set full = [] -%}
            {%- for part in [relation.database, relation.schema, relation.identifier] if part -%}
                {%- do full.append(adapter.quote(part)) -%}
            {%- endfor -%}
            {%- do listed.append('cast(' ~ dbt.string_literal(dbt.escape_single_quotes(full | join('.'))) ~ ' as varchar) as ' ~ adapter.quote(source_column_name)) -%}
        {%- endif -%}
        {%- for column in all.values() -%}
            {%- do listed.append('cast(' ~ (column.quoted if column.name in own else 'null') ~ ' as ' ~ overrides.get(column.name, column.data_type) ~ ') as ' ~ column.quoted) -%}
        {%- endfor -%}
        {{ '\nunion all\n' if not loop.first }}(select {{ listed | join(', ') }} from {{ relation }}{{ ' where ' ~ where if where }})
    {%- endfor -%}
{%- endmacro -%}
