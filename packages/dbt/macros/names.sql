{# dbt's rule: <target schema>_<schema>. #}
{%- macro default__generate_schema_name(custom_schema_name, node) -%}
    {{- target.schema if custom_schema_name is none else target.schema ~ '_' ~ (custom_schema_name | trim) -}}
{%- endmacro -%}

{# In production the schema as it is said, elsewhere that of the target alone. #}
{%- macro generate_schema_name_for_env(custom_schema_name, node) -%}
    {{- custom_schema_name | trim if target.name == 'prod' and custom_schema_name is not none else target.schema -}}
{%- endmacro -%}

{%- macro default__generate_alias_name(custom_alias_name=none, node=none) -%}
    {%- if custom_alias_name -%}
        {{- custom_alias_name | trim -}}
    {%- elif node.version -%}
        {{- node.name ~ '_v' ~ (node.version | string | replace('.', '_')) -}}
    {%- else -%}
        {{- node.name -}}
    {%- endif -%}
{%- endmacro -%}

{%- macro default__generate_database_name(custom_database_name=none, node=none) -%}
    {{- target.database -}}
{%- endmacro -%}
