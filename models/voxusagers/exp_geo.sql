-- Counted by code first: codes that the reference does not know stay apart.
with counted as (
    select iso_3166_2, count(*) as exp_count
    from {{ ref('voxusagers_clean') }}
    group by iso_3166_2
)
select
    counted.exp_count,
    department.iso_3166_2 as geo_dpt_iso,
    department.subdiv_name as geo_dpt_name,
    region.iso_3166_2 as geo_region_iso,
    region.subdiv_name as geo_region_name
from counted
left join {{ ref('fra_iso_3166_2') }} as department on department.iso_3166_2 = counted.iso_3166_2
left join {{ ref('fra_iso_3166_2') }} as region on region.iso_3166_2 = department.parent_subdiv
order by geo_dpt_iso desc
