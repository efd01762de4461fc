-- Where visitors of both sites come from, by month.
with visits as (
    select
        'gn' as src_website,
        date::date as date,
        src,
        src_detail,
        src_referrer_url,
        m_bounces,
        m_time_spent_per_visits,
        m_unique_visitors,
        m_visits
    from {{ source('tap_atinternet_gn', 'sources_visits') }}
    union all
    select
        'sp' as src_website,
        date::date as date,
        src,
        src_detail,
        src_referrer_url,
        m_bounces,
        m_time_spent_per_visits,
        m_unique_visitors,
        m_visits
    from {{ source('tap_atinternet_sp', 'sources_visits') }}
)
select
    src_website,
    date,
    src,
    src_detail,
    src_referrer_url,
    m_bounces,
    m_time_spent_per_visits,
    m_unique_visitors,
    m_visits,
    date_to_month(date) as month,
    date_to_month_str(date) as month_str,
    date_to_year(date) as year
from visits
