{# The relation, if it is there; none otherwise. #}
{%- macro load_relation(relation) -%}
    {{ return(adapter.get_relation(database=relation.database, schema=relation.schema, identifier=relation.identifier)) }}
{%- endmacro -%}

{%- macro get_columns_in_relation(relation) -%}
    {{ return(adapter.get_columns_in_relation(relation)) }}
{%- endmacro -%}

{# What a full refresh asks for, a model's own config first. #}
{%- macro should_full_refresh() -%}
    {{ return(config.get('full_refresh', flags.FULL_REFRESH)) }}
{%- endmacro -%}

{# Failing rows are always kept, in barometre.test_result. #}
{%- macro should_store_failures() -%}
    {{ return(false) }}
{%- endmacro -%}
