{{ config(tags=['daily', 'slow']) }} select id from {{ ref('x') }}
