select *, code_postal_to_iso(code_postal::text) as got
from {{ ref('test_code_postaux') }}
where code_postal_to_iso(code_postal::text) <> expected_dpt_code
