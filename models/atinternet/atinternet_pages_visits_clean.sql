-- Visits by page of both sites.
with visits as (
    {% for website in ['gn', 'sp'] %}
    select
        '{{ website }}' as src_website,
        date::date as date,
        site_level2 as subsite,
        page, page_full_name,
        m_bounces, m_time_spent_per_visits, m_unique_visitors, m_visits
    from {{ source('tap_atinternet_' ~ website, 'pages_visits') }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
)
select
    src_website,
    date,
    subsite,
    page,
    page_full_name,
    m_bounces, m_time_spent_per_visits, m_unique_visitors, m_visits,
    date_to_month(date) as month,
    date_to_month_str(date) as month_str,
    date_to_year(date) as year
from visits
