select 1::bigint as id, 'lamp'::varchar(20) as label, 2.5::numeric as price
