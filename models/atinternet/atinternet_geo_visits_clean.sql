-- Visits by place of both sites. AT Internet spells the regions its own way, which the reference knows.
with visits as (
    {% for website in ['gn', 'sp'] %}
    select
        '{{ website }}' as src_website,
        date::date as date,
        geo_city, geo_country, geo_region,
        m_bounces, m_time_spent_per_visits, m_unique_visitors, m_visits
    from {{ source('tap_atinternet_' ~ website, 'geo_visits') }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
)
select
    src_website,
    date,
    geo_city,
    geo_country,
    geo.iso_3166_2 as geo_region_iso,
    geo.subdiv_name as geo_region_name,
    m_bounces, m_time_spent_per_visits, m_unique_visitors, m_visits,
    date_to_month(date) as month,
    date_to_month_str(date) as month_str,
    date_to_year(date) as year
from visits
left join {{ ref('fra_iso_3166_2') }} as geo on geo.atinternet_geo_region = visits.geo_region
where m_visits > 0
