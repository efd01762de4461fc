-- One row an online pre-complaint.
with logs as (
    select
        stats_id,
        stats_debut_declaration as original_datetime,
        to_timestamp(stats_debut_declaration, 'YYYY-MM-DD HH24:MI:SS')::timestamp as datetime,
        to_timestamp(stats_fin_declaration, 'YYYY-MM-DD HH24:MI:SS')::timestamp as end_datetime,
        stats_dpt_unite as dpt_code,
        case
            when stats_pers_physique = 1 and stats_pers_morale = 0 then 'physique'
            when stats_pers_physique = 0 and stats_pers_morale = 1 then 'morale'
            else 'unknown'
        end as type_personne
    from {{ source('tap_csv_ppel', 'ppel_logs') }}
)
select
    logs.stats_id,
    logs.original_datetime,
    logs.datetime,
    logs.dpt_code,
    geo.iso_3166_2 as geo_dpt_iso,
    geo.subdiv_name as geo_dpt_name,
    logs.end_datetime - logs.datetime as duree,
    logs.type_personne,
    datetime_to_hour_of_day(logs.datetime) as hour,
    datetime_to_date(logs.datetime) as date,
    date_to_month(datetime_to_date(logs.datetime)) as month,
    date_to_month_str(datetime_to_date(logs.datetime)) as month_str,
    date_to_year(datetime_to_date(logs.datetime)) as year
from logs
left join {{ ref('fra_iso_3166_2') }} as geo on geo.iso_3166_2 = dpt_code_to_iso(logs.dpt_code)
