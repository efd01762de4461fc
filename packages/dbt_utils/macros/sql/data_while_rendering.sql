{# What can't be: a template that reads data gives another text each time, and what it reads can't be known before. A
   project can dispatch to macros of its own, which give a fixed answer. #}
{%- macro _reads_data(macro, instead) -%}
    {{ exceptions.raise_not_implemented('"' ~ macro ~ '" reads data while the template is rendered, which nothing does here: ' ~ instead) }}
{%- endmacro -%}

{%- macro get_column_values(table, column, order_by='count(*) desc', max_records=none, default=none, where=none) -%}
    {{ return(adapter.dispatch('get_column_values', 'dbt_utils')(table, column, order_by, max_records, default, where)) }}
{%- endmacro -%}

{%- macro default__get_column_values(table, column, order_by, max_records, default, where) -%}
    {%- do dbt_utils._reads_data('get_column_values', "write the values as a list, ['a', 'b'], or put them into vars and use var('values')") -%}
{%- endmacro -%}

{%- macro get_single_value(query, default=none) -%}
    {{ return(adapter.dispatch('get_single_value', 'dbt_utils')(query, default)) }}
{%- endmacro -%}

{%- macro default__get_single_value(query, default) -%}
    {%- do dbt_utils._reads_data('get_single_value', 'put the query in brackets into the SQL, (select max(x) from y)') -%}
{%- endmacro -%}

{%- macro get_query_results_as_dict(query) -%}
    {{ return(adapter.dispatch('get_query_results_as_dict', 'dbt_utils')(query)) }}
{%- endmacro -%}

{%- macro default__get_query_results_as_dict(query) -%}
    {%- do dbt_utils._reads_data('get_query_results_as_dict', 'join the query in the SQL, or put its results into vars') -%}
{%- endmacro -%}

{%- macro get_relations_by_pattern(schema_pattern, table_pattern, exclude='', database=none) -%}
    {{ return(adapter.dispatch('get_relations_by_pattern', 'dbt_utils')(schema_pattern, table_pattern, exclude, database)) }}
{%- endmacro -%}

{%- macro default__get_relations_by_pattern(schema_pattern, table_pattern, exclude, database) -%}
    {%- do dbt_utils._reads_data('get_relations_by_pattern', "name the relations, [ref('a'), source('b', 'c')], so that what depends on them is known") -%}
{%- endmacro -%}

{%- macro get_relations_by_prefix(schema, prefix, exclude='', database=none) -%}
    {{ return(adapter.dispatch('get_relations_by_prefix', 'dbt_utils')(schema, prefix, exclude, database)) }}
{%- endmacro -%}

{%- macro default__get_relations_by_prefix(schema, prefix, exclude, database) -%}
    {%- do dbt_utils._reads_data('get_relations_by_prefix', "name the relations, [ref('a'), source('b', 'c')], so that what depends on them is known") -%}
{%- endmacro -%}

{# Of dbt_utils before 1.0. #}
{%- macro get_tables_by_prefix(schema, prefix, exclude='', database=none) -%}
    {{ return(dbt_utils.get_relations_by_prefix(schema, prefix, exclude, database)) }}
{%- endmacro -%}

{%- macro get_tables_by_pattern(schema_pattern, table_pattern, exclude='', database=none) -%}
    {{ return(dbt_utils.get_relations_by_pattern(schema_pattern, table_pattern, exclude, database)) }}
{%- endmacro -%}

{%- macro union_tables(tables, column_override=none, include=[], exclude=[], source_column_name='_dbt_source_table') -%}
    {{ return(dbt_utils.union_relations(tables, column_override, include, exclude, source_column_name)) }}
{%- endmacro -%}

{# These only write a query. #}
{%- macro get_tables_by_pattern_sql(schema_pattern, table_pattern, exclude='', database=none) -%}
    {{ return(adapter.dispatch('get_tables_by_pattern_sql', 'dbt_utils')(schema_pattern, table_pattern, exclude, database)) }}
{%- endmacro -%}

{%- macro default__get_tables_by_pattern_sql(schema_pattern, table_pattern, exclude='', database=none) -%}
    select distinct table_schema, table_name, {{ dbt_utils.get_table_types_sql() }}
    from information_schema.tables
    where table_schema ilike '{{ schema_pattern }}' and table_name ilike '{{ table_pattern }}' and table_name not ilike '{{ exclude }}'
{%- endmacro -%}

{%- macro get_tables_by_prefix_sql(schema, prefix, exclude='', database=none) -%}
    {{ return(adapter.dispatch('get_tables_by_prefix_sql', 'dbt_utils')(schema, prefix, exclude, database)) }}
{%- endmacro -%}

{%- macro default__get_tables_by_prefix_sql(schema, prefix, exclude='', database=none) -%}
    {{ return(dbt_utils.get_tables_by_pattern_sql(schema, prefix ~ '%', exclude, database)) }}
{%- endmacro -%}

{%- macro get_table_types_sql() -%}
    {{ return(adapter.dispatch('get_table_types_sql', 'dbt_utils')()) }}
{%- endmacro -%}

{%- macro default__get_table_types_sql() -%}
    case table_type when 'BASE TABLE' then 'table' when 'FOREIGN' then 'external' else lower(table_type) end as table_type
{%- endmacro -%}
