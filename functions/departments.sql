-- ISO 3166-2 codes of departments and postal codes.

create or replace function public.dpt_code_to_iso(dpt_code text) returns text
language sql immutable parallel safe as
$$
    select 'FR-' || case dpt_code
        when '75' then '75C'
        when '20' then '20R'
        when '975' then 'PM'
        when '986' then 'WF'
        when '987' then 'PF'
        when '988' then 'NC'
        -- Invented: these codes cover several subdivisions.
        when '69' then 'HACK-RHONE'
        when '97' then 'HACK-97'
        when '98' then 'HACK-98'
        else dpt_code
    end
$$;

create or replace function public.dpt_code_to_iso(dpt_code int) returns text
language sql stable parallel safe as
$$ select public.dpt_code_to_iso(to_char(dpt_code, 'fm900')) $$;

create or replace function public.convert_to_integer(v_input text) returns int
language sql immutable parallel safe as
$$
    -- What the cast accepts: white space around it, a sign, digits within the range.
    select case when v_input ~ '^[ \t\n\r\f\v]*[+-]?[0-9]+[ \t\n\r\f\v]*$' then
        case when v_input::numeric between -2147483648 and 2147483647 then v_input::int end
    end
$$;

create or replace function public.code_postal_to_iso(code_postal text) returns text
language sql stable parallel safe as
$$
    -- NULL for a code that can't be read, and for Corsica's old 20xxx.
    select case
        when code_postal like '97%' or code_postal like '98%' then public.dpt_code_to_iso(left(code_postal, 3))
        when code_postal like '201%' then public.dpt_code_to_iso('2A'::text)
        when code_postal like '202%' then public.dpt_code_to_iso('2B'::text)
        when code_postal like '20%' then null
        else public.dpt_code_to_iso(public.convert_to_integer(left(code_postal, -3)))
    end
$$;
