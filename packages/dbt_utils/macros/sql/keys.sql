{# Keys of several columns. #}
{%- macro generate_surrogate_key(field_list) -%}
    {{ return(adapter.dispatch('generate_surrogate_key', 'dbt_utils')(field_list)) }}
{%- endmacro -%}

{%- macro default__generate_surrogate_key(field_list) -%}
    {%- set as_before = var('surrogate_key_treat_nulls_as_empty_strings', false) -%}
    {{ return(dbt_utils._hash_of_fields(field_list, '' if as_before else '_dbt_utils_surrogate_key_null_')) }}
{%- endmacro -%}

{# Of dbt_utils before 1.0: NULL and an empty text make the same key, and fields may be given one by one. #}
{%- macro surrogate_key(field_list) -%}
    {{ return(adapter.dispatch('surrogate_key', 'dbt_utils')([field_list] + (varargs | list) if field_list is string else field_list)) }}
{%- endmacro -%}

{%- macro default__surrogate_key(field_list) -%}
    {{ return(dbt_utils._hash_of_fields(field_list, '')) }}
{%- endmacro -%}

{%- macro _hash_of_fields(field_list, in_place_of_null) -%}
    {%- set parts = [] -%}
    {%- for field in field_list -%}
        {%- do parts.append("coalesce(cast(" ~ field ~ " as " ~ dbt.type_string() ~ "), '" ~ in_place_of_null ~ "')") -%}
        {%- if not loop.last -%}
            {%- do parts.append("'-'") -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(dbt.hash(dbt.concat(parts))) }}
{%- endmacro -%}

{# The first row of each group in an order. #}
{%- macro deduplicate(relation, partition_by, order_by) -%}
    {{ return(adapter.dispatch('deduplicate', 'dbt_utils')(relation, partition_by, order_by)) }}
{%- endmacro -%}

{%- macro default__deduplicate(relation, partition_by, order_by) -%}
    select distinct on ({{ partition_by }}) * from {{ relation }} order by {{ partition_by }}, {{ order_by }}
{%- endmacro -%}

{%- macro group_by(n) -%}
    {{ return(adapter.dispatch('group_by', 'dbt_utils')(n)) }}
{%- endmacro -%}

{%- macro default__group_by(n) -%}
    group by {{ range(1, n + 1) | join(', ') }}
{%- endmacro -%}
