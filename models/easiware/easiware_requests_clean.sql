-- One row a request to the contact centre, those of PNAV left out. A request
-- without a category stays, so that a test shows what the reference lacks.
with requests as (
    select
        reference_hash as reference,
        date as original_datetime,
        to_timestamp(date, 'DD/MM/YYYY HH24:MI')::timestamp as datetime,
        -- The export loses some characters, and the reference was written with "?" for them.
        replace(motif_parent, U&'\FFFD', '?') as motif_parent,
        replace(motif, U&'\FFFD', '?') as motif
    from {{ source('tap_csv_easiware', 'easiware_requests') }}
)
select
    requests.reference,
    requests.datetime,
    requests.original_datetime,
    categories.categorie as category,
    datetime_to_hour_of_day(requests.datetime) as hour,
    datetime_to_date(requests.datetime) as date,
    date_to_month(datetime_to_date(requests.datetime)) as month,
    date_to_month_str(datetime_to_date(requests.datetime)) as month_str,
    date_to_year(datetime_to_date(requests.datetime)) as year
from requests
left join {{ ref('easiware_categories') }} as categories
    on categories.motif is not distinct from requests.motif
    and categories.motif_parent is not distinct from requests.motif_parent
where categories.categorie is distinct from 'PNAV'
