{# Arithmetic: NULL counts as 0. Before dbt_utils 1.0 fields were given one by one. #}
{%- macro safe_add(field_list) -%}
    {{ return(adapter.dispatch('safe_add', 'dbt_utils')([field_list] + (varargs | list) if field_list is string else field_list)) }}
{%- endmacro -%}

{%- macro default__safe_add(field_list) -%}
    {{ return(dbt_utils._terms(field_list, 'safe_add') | join(' +\n  ')) }}
{%- endmacro -%}

{%- macro safe_subtract(field_list) -%}
    {{ return(adapter.dispatch('safe_subtract', 'dbt_utils')([field_list] + (varargs | list) if field_list is string else field_list)) }}
{%- endmacro -%}

{%- macro default__safe_subtract(field_list) -%}
    {{ return(dbt_utils._terms(field_list, 'safe_subtract') | join(' -\n  ')) }}
{%- endmacro -%}

{%- macro _terms(field_list, macro) -%}
    {%- if field_list is string or field_list is mapping or field_list is not iterable -%}
        {{ exceptions.raise_compiler_error('"' ~ macro ~ '" takes one list, such as ' ~ macro ~ "(['a', 'b'])") }}
    {%- endif -%}
    {%- set terms = [] -%}
    {%- for field in field_list -%}
        {%- do terms.append('coalesce(' ~ field ~ ', 0)') -%}
    {%- endfor -%}
    {{ return(terms) }}
{%- endmacro -%}

{# By 0 it gives NULL. #}
{%- macro safe_divide(numerator, denominator) -%}
    {{ return(adapter.dispatch('safe_divide', 'dbt_utils')(numerator, denominator)) }}
{%- endmacro -%}

{%- macro default__safe_divide(numerator, denominator) -%}
    ({{ numerator }}) / nullif(({{ denominator }}), 0)
{%- endmacro -%}

{# Which of so many equal parts of a range: they begin at their lower bounds; from the upper bound on it is one more. #}
{%- macro width_bucket(expr, min_value, max_value, num_buckets) -%}
    {{ return(adapter.dispatch('width_bucket', 'dbt_utils')(expr, min_value, max_value, num_buckets)) }}
{%- endmacro -%}

{# As dbt_utils counts it, which is not the server's function for ranges that begin elsewhere than at a bound. #}
{%- macro default__width_bucket(expr, min_value, max_value, num_buckets) -%}
    {%- set width = '((' ~ max_value ~ ' - ' ~ min_value ~ ') / ' ~ num_buckets ~ ')' -%}
    (case mod({{ dbt.safe_cast(expr, dbt.type_numeric()) }}, {{ dbt.safe_cast(width, dbt.type_numeric()) }}) when 0 then 1 else 0 end)
    + least(ceil(({{ expr }} - {{ min_value }}) / {{ width }}), {{ num_buckets }} + 1)
{%- endmacro -%}

{# The way between two places on the earth. #}
{%- macro haversine_distance(lat1, lon1, lat2, lon2, unit='mi') -%}
    {{ return(adapter.dispatch('haversine_distance', 'dbt_utils')(lat1, lon1, lat2, lon2, unit)) }}
{%- endmacro -%}

{%- macro default__haversine_distance(lat1, lon1, lat2, lon2, unit='mi') -%}
    {%- set of_a_mile = {'mi': 1, 'km': 1.60934} -%}
    {%- if unit not in of_a_mile -%}
        {{ exceptions.raise_compiler_error('the unit of "haversine_distance" is mi or km, not "' ~ unit ~ '"') }}
    {%- endif -%}
    {%- set by_latitude = 'power(sin(radians((' ~ lat2 ~ ' - ' ~ lat1 ~ ') / 2)), 2)' -%}
    {%- set by_longitude = 'power(sin(radians((' ~ lon2 ~ ' - ' ~ lon1 ~ ') / 2)), 2)' -%}
    2 * 3961 * asin(sqrt({{ by_latitude }} + cos(radians({{ lat1 }})) * cos(radians({{ lat2 }})) * {{ by_longitude }})) * {{ of_a_mile[unit] }}
{%- endmacro -%}

{%- macro degrees_to_radians(degrees) -%}
    acos(-1) * {{ degrees }} / 180
{%- endmacro -%}
