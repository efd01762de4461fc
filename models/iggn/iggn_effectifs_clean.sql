-- One row a year, category and gender.
select
    raw.annee,
    raw.categorie,
    case when raw.categorie = 'Personnel civil' then 'civil' else 'militaire' end as type_personnel,
    counts.effectifs,
    counts.genre
from {{ ref('iggn_effectifs_raw') }} as raw
cross join lateral (
    values (raw.effectifs_homme, 'homme'), (raw.effectifs_femme, 'femme')
) as counts (effectifs, genre)
