with counts as (
    select
        (select count(stats_id) from {{ source('tap_csv_ppel', 'ppel_logs') }}) as raw,
        (select count(stats_id) from {{ ref('ppel_clean_logs') }}) as clean,
        (select sum(n_preplaintes) from {{ ref('ppel_daily') }}) as by_day,
        (select sum(n_preplaintes) from {{ ref('ppel_person_type') }}) as by_person,
        (select sum(n_preplaintes) from {{ ref('ppel_geo') }}) as by_department
)
select *
from counts
where raw <> clean or raw <> by_day or raw <> by_person or raw <> by_department
