select id, code_postal, iso_3166_2
from {{ ref('voxusagers_clean') }}
where (code_postal is null) <> (iso_3166_2 is null)
