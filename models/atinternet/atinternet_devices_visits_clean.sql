-- Visits of both sites by device, system, browser and language.
with visits as (
    {% for website in ['gn', 'sp'] %}
    select
        '{{ website }}' as src_website,
        date::date as date,
        device_type, os_group, browser_group, browser_language,
        m_bounces, m_time_spent_per_visits, m_unique_visitors, m_visits
    from {{ source('tap_atinternet_' ~ website, 'devices_visits') }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
)
select
    src_website,
    date,
    device_type,
    os_group,
    browser_group,
    browser_language,
    m_bounces, m_time_spent_per_visits, m_unique_visitors, m_visits,
    date_to_month(date) as month,
    date_to_month_str(date) as month_str,
    date_to_year(date) as year
from visits
