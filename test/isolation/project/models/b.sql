select count(*) as n, public.gate() as gate from {{ ref('a') }}
