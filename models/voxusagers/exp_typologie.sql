-- An experience that names a structure twice counts twice.
select typologie_structure, count(*) as exp_count
from {{ ref('voxusagers_clean') }}
cross join lateral (
    values (typologie_structure_1), (typologie_structure_2), (typologie_structure_3)
) as named (typologie_structure)
where typologie_structure in (
    'Brigade de gendarmerie',
    'Région de Gendarmerie',
    'Unité Numérique',
    'Service en ligne Perceval',
    'Pré-plainte en ligne (PPEL)',
    'Gendarmerie Nationale'
)
group by typologie_structure
