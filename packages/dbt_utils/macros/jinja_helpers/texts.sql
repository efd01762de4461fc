{# A name for a column: small letters, digits and underscores. #}
{%- macro slugify(string) -%}
    {{ return(adapter.dispatch('slugify', 'dbt_utils')(string)) }}
{%- endmacro -%}

{%- macro default__slugify(string) -%}
    {%- set made = namespace(text='', after_gap=false) -%}
    {%- for letter in (string or '') | string | lower -%}
        {%- if letter in ' -' -%}
            {%- set made.text = made.text ~ ('' if made.after_gap else '_') -%}
        {%- elif letter in 'abcdefghijklmnopqrstuvwxyz0123456789_' -%}
            {%- set made.text = made.text ~ letter -%}
        {%- endif -%}
        {%- set made.after_gap = letter in ' -' -%}
    {%- endfor -%}
    {{ return(('_' if made.text[:1] and made.text[:1] in '0123456789' else '') ~ made.text) }}
{%- endmacro -%}

{# A template knows no clock, as its text must be the same at each call; the server puts a time before what it logs. #}
{%- macro pretty_time(format='%H:%M:%S') -%}
    {{ return(adapter.dispatch('pretty_time', 'dbt_utils')(format)) }}
{%- endmacro -%}

{%- macro default__pretty_time(format='%H:%M:%S') -%}
    {{ return('') }}
{%- endmacro -%}

{%- macro pretty_log_format(message='') -%}
    {{ return(adapter.dispatch('pretty_log_format', 'dbt_utils')(message)) }}
{%- endmacro -%}

{%- macro default__pretty_log_format(message) -%}
    {{ return(message | string) }}
{%- endmacro -%}

{%- macro log_info(message) -%}
    {{ return(adapter.dispatch('log_info', 'dbt_utils')(message)) }}
{%- endmacro -%}

{%- macro default__log_info(message) -%}
    {{ log(dbt_utils.pretty_log_format(message), info=true) }}
{%- endmacro -%}
