-- What visitors of both sites use, by month.
with visits as (
    select
        'gn' as src_website,
        date::date as date,
        device_type,
        os_group,
        browser_group,
        browser_language,
        m_bounces,
        m_time_spent_per_visits,
        m_unique_visitors,
        m_visits
    from {{ source('tap_atinternet_gn', 'devices_visits') }}
    union all
    select
        'sp' as src_website,
        date::date as date,
        device_type,
        os_group,
        browser_group,
        browser_language,
        m_bounces,
        m_time_spent_per_visits,
        m_unique_visitors,
        m_visits
    from {{ source('tap_atinternet_sp', 'devices_visits') }}
)
select
    src_website,
    date,
    device_type,
    os_group,
    browser_group,
    browser_language,
    m_bounces,
    m_time_spent_per_visits,
    m_unique_visitors,
    m_visits,
    date_to_month(date) as month,
    date_to_month_str(date) as month_str,
    date_to_year(date) as year
from visits
