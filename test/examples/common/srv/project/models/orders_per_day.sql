select ordered_on::date as day, count(*) as orders from {{ source('tap_shop', 'orders') }} group by 1
