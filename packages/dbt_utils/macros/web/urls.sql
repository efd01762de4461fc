{# Parts of an address, by its text. #}
{%- macro get_url_host(field) -%}
    {{ return(adapter.dispatch('get_url_host', 'dbt_utils')(field)) }}
{%- endmacro -%}

{%- macro default__get_url_host(field) -%}
    {%- set rest = dbt_utils._without_protocol(field, ['android-app', 'http', 'https']) -%}
    {{ return(dbt.safe_cast(dbt.split_part(dbt.split_part(rest, "'/'", 1), "'?'", 1), dbt.type_string())) }}
{%- endmacro -%}

{%- macro get_url_path(field) -%}
    {{ return(adapter.dispatch('get_url_path', 'dbt_utils')(field)) }}
{%- endmacro -%}

{# What follows the first slash; without one, nothing is left before the question mark. #}
{%- macro default__get_url_path(field) -%}
    {%- set rest = dbt_utils._without_protocol(field, ['http', 'https']) -%}
    {%- set before = 'coalesce(nullif(' ~ dbt.position("'/'", rest) ~ ', 0), ' ~ dbt.position("'?'", rest) ~ ' - 1)' -%}
    {%- set path = dbt.right(rest, dbt.length(rest) ~ ' - ' ~ before) -%}
    {{ return(dbt.safe_cast(dbt.split_part(path, "'?'", 1), dbt.type_string())) }}
{%- endmacro -%}

{%- macro get_url_parameter(field, url_parameter) -%}
    {{ return(adapter.dispatch('get_url_parameter', 'dbt_utils')(field, url_parameter)) }}
{%- endmacro -%}

{%- macro default__get_url_parameter(field, url_parameter) -%}
    {%- set from_value = dbt.split_part(field, dbt.string_literal(url_parameter ~ '='), 2) -%}
    nullif({{ dbt.split_part(from_value, "'&'", 1) }}, '')
{%- endmacro -%}

{%- macro _without_protocol(field, protocols) -%}
    {%- set rest = namespace(sql=field) -%}
    {%- for protocol in protocols -%}
        {%- set rest.sql = dbt.replace(rest.sql, "'" ~ protocol ~ "://'", "''") -%}
    {%- endfor -%}
    {{ return(rest.sql) }}
{%- endmacro -%}
