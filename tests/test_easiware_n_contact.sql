with counts as (
    select
        (select n_contact from {{ ref('easiware_n_contacts_total') }}) as total,
        (select sum(n_contact) from {{ ref('easiware_n_contacts_category') }}) as by_category,
        (select sum(n_contact) from {{ ref('easiware_n_contacts_hour') }}) as by_hour,
        (select sum(n_contact) from {{ ref('easiware_n_contacts_date') }}) as by_date
)
select *
from counts
where total <> by_category or total <> by_hour or total <> by_date
