{# Told where it is called, rather than by what it would have made. #}
{%- macro _is_relation(obj, macro) -%}
    {%- if obj is string or obj is mapping or obj is not defined or obj.identifier is not defined -%}
        {{ exceptions.raise_compiler_error('"' ~ macro ~ '" takes a relation, such as ref(\'x\'), and not "' ~ obj ~ '"') }}
    {%- endif -%}
{%- endmacro -%}

{# Columns of an ephemeral model are known like those of any other. #}
{%- macro _is_ephemeral(obj, macro) -%}
{%- endmacro -%}
