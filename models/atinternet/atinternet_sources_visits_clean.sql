-- Visits of both sites by where they came from.
with visits as (
    {% for website in ['gn', 'sp'] %}
    select
        '{{ website }}' as src_website,
        date::date as date,
        src, src_detail, src_referrer_url,
        m_bounces, m_time_spent_per_visits, m_unique_visitors, m_visits
    from {{ source('tap_atinternet_' ~ website, 'sources_visits') }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
)
select
    src_website,
    date,
    src,
    src_detail,
    src_referrer_url,
    m_bounces, m_time_spent_per_visits, m_unique_visitors, m_visits,
    date_to_month(date) as month,
    date_to_month_str(date) as month_str,
    date_to_year(date) as year
from visits
