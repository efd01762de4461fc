-- Visits of each hour and part of both sites. Hours that are not known (-1), and those without visits, are left out.
with visits as (
    {% for website in ['gn', 'sp'] %}
    select
        '{{ website }}' as src_website,
        date::date as date,
        visit_hour,
        site_level2 as subsite,
        m_bounces, m_time_spent_per_visits, m_unique_visitors, m_visits
    from {{ source('tap_atinternet_' ~ website, 'hourly_visits') }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
)
select
    src_website,
    date + visit_hour * interval '1 hour' as datetime,
    date,
    visit_hour,
    subsite,
    m_bounces, m_time_spent_per_visits, m_unique_visitors, m_visits,
    date_to_month(date) as month,
    date_to_month_str(date) as month_str,
    date_to_year(date) as year
from visits
where visit_hour >= 0 and m_visits > 0
