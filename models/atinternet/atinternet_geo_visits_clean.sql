-- The region as AT Internet writes it is only a way to its code; abroad it is a city, and has none.
with visits as (
    select
        'gn' as src_website,
        date::date as date,
        geo_city,
        geo_country,
        geo_region,
        m_bounces,
        m_time_spent_per_visits,
        m_unique_visitors,
        m_visits
    from {{ source('tap_atinternet_gn', 'geo_visits') }}
    where m_visits > 0
    union all
    select
        'sp' as src_website,
        date::date as date,
        geo_city,
        geo_country,
        geo_region,
        m_bounces,
        m_time_spent_per_visits,
        m_unique_visitors,
        m_visits
    from {{ source('tap_atinternet_sp', 'geo_visits') }}
    where m_visits > 0
)
select
    visits.src_website,
    visits.date,
    visits.geo_city,
    visits.geo_country,
    region.iso_3166_2 as geo_region_iso,
    region.subdiv_name as geo_region_name,
    visits.m_bounces,
    visits.m_time_spent_per_visits,
    visits.m_unique_visitors,
    visits.m_visits,
    date_to_month(visits.date) as month,
    date_to_month_str(visits.date) as month_str,
    date_to_year(visits.date) as year
from visits
left join {{ ref('fra_iso_3166_2') }} as region on region.atinternet_geo_region = visits.geo_region
