-- One row an account; its department is the number in its name, if there is one.
with accounts as (
    select
        username as page_username,
        name as page_name,
        (public_metrics ->> 'followers_count')::integer as n_followers,
        (public_metrics ->> 'tweet_count')::integer as n_tweets,
        convert_to_integer(replace(lower(username), 'gendarmerie_', '')) as dpt_code
    from {{ source('tap_twitter', 'users') }}
)
select
    accounts.page_username,
    accounts.page_name,
    accounts.n_followers,
    accounts.n_tweets,
    department.iso_3166_2 as geo_dpt_iso,
    department.subdiv_name as geo_dpt_name,
    region.iso_3166_2 as geo_region_iso,
    region.subdiv_name as geo_region_name,
    'https://twitter.com/' || accounts.page_username as page_url
from accounts
left join {{ ref('fra_iso_3166_2') }} as department on department.iso_3166_2 = dpt_code_to_iso(accounts.dpt_code)
left join {{ ref('fra_iso_3166_2') }} as region on region.iso_3166_2 = department.parent_subdiv
