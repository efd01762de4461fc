{% snapshot x_then %}
{{ config(strategy='check', unique_key='id', check_cols='all') }}
select id, status from {{ ref('x') }}
{% endsnapshot %}
