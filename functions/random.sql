-- Random draws, for made-up data.

create or replace function public.random_normal(mu double precision default 0, sigma double precision default 1)
returns double precision
language sql volatile parallel restricted as
$$
    -- Box-Muller; 1 - random() is never 0, whose logarithm does not exist.
    select mu + sigma * sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random())
$$;

create or replace function public.random_lognormal(mu double precision default 0, sigma double precision default 1)
returns double precision
language sql volatile parallel restricted as
$$ select exp(public.random_normal(mu, sigma)) $$;

create or replace function public.random_truncnormal(
    min double precision default 0, max double precision default 1, sigma double precision default 0.15)
returns double precision
language sql volatile parallel restricted as
$$ select least(max, greatest(min, min + (max - min) * public.random_normal(0.5, sigma))) $$;
