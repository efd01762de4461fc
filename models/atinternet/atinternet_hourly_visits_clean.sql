-- Rows without an hour (-1) or without a visit tell nothing.
with visits as (
    select
        'gn' as src_website,
        date::date as date,
        visit_hour,
        site_level2 as subsite,
        m_bounces,
        m_time_spent_per_visits,
        m_unique_visitors,
        m_visits
    from {{ source('tap_atinternet_gn', 'hourly_visits') }}
    where visit_hour >= 0 and m_visits > 0
    union all
    select
        'sp' as src_website,
        date::date as date,
        visit_hour,
        site_level2 as subsite,
        m_bounces,
        m_time_spent_per_visits,
        m_unique_visitors,
        m_visits
    from {{ source('tap_atinternet_sp', 'hourly_visits') }}
    where visit_hour >= 0 and m_visits > 0
)
select
    src_website,
    date + visit_hour::integer * interval '1 hour' as datetime,
    date,
    visit_hour,
    subsite,
    m_bounces,
    m_time_spent_per_visits,
    m_unique_visitors,
    m_visits,
    date_to_month(date) as month,
    date_to_month_str(date) as month_str,
    date_to_year(date) as year
from visits
