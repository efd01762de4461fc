{% snapshot x_then %}
{{ config(target_schema='analytics', strategy='check', unique_key='id', check_cols='all') }}
select id from {{ ref('x') }}
{% endsnapshot %}
