{# Aggregates, operators between queries, and arrays. #}
{%- macro any_value(expression) -%}
    {{ return(adapter.dispatch('any_value', 'dbt')(expression)) }}
{%- endmacro -%}

{# The least: the same one at each build. #}
{%- macro default__any_value(expression) -%}
    min({{ expression }})
{%- endmacro -%}

{%- macro bool_or(expression) -%}
    {{ return(adapter.dispatch('bool_or', 'dbt')(expression)) }}
{%- endmacro -%}

{%- macro default__bool_or(expression) -%}
    bool_or({{ expression }})
{%- endmacro -%}

{%- macro except() -%}
    {{ return(adapter.dispatch('except', 'dbt')()) }}
{%- endmacro -%}

{%- macro default__except() -%}
    except
{%- endmacro -%}

{%- macro intersect() -%}
    {{ return(adapter.dispatch('intersect', 'dbt')()) }}
{%- endmacro -%}

{%- macro default__intersect() -%}
    intersect
{%- endmacro -%}

{%- macro array_construct(inputs=[], data_type='integer') -%}
    {{ return(adapter.dispatch('array_construct', 'dbt')(inputs, data_type)) }}
{%- endmacro -%}

{# The type is needed where there is no element to have one. #}
{%- macro default__array_construct(inputs, data_type) -%}
    array[{{ inputs | join(', ') }}]{{ '::' ~ data_type ~ '[]' if not inputs }}
{%- endmacro -%}

{%- macro array_append(array, new_element) -%}
    {{ return(adapter.dispatch('array_append', 'dbt')(array, new_element)) }}
{%- endmacro -%}

{%- macro default__array_append(array, new_element) -%}
    array_append({{ array }}, {{ new_element }})
{%- endmacro -%}

{%- macro array_concat(array_1, array_2) -%}
    {{ return(adapter.dispatch('array_concat', 'dbt')(array_1, array_2)) }}
{%- endmacro -%}

{%- macro default__array_concat(array_1, array_2) -%}
    array_cat({{ array_1 }}, {{ array_2 }})
{%- endmacro -%}
