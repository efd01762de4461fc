-- What the specs have in common. The models a and b read tap.s, and c reads nothing.

-- A file of the data directory, line by line.
CREATE PROCEDURE public.write_file(path text, VARIADIC lines text[]) LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    EXECUTE format('COPY (SELECT unnest(%L::text[])) TO %L', lines, current_setting('barometre.data_directory') || '/' || path);
END
$$;

-- The model b waits while a session keeps the gate closed.
CREATE FUNCTION public.gate() RETURNS text VOLATILE LANGUAGE sql AS 'SELECT pg_advisory_xact_lock_shared(42)::text';
CREATE PROCEDURE public.close_gate() LANGUAGE sql AS 'SELECT pg_advisory_lock(42)';
CREATE PROCEDURE public.open_gate() LANGUAGE sql AS 'SELECT pg_advisory_unlock(42)';

-- The SQL of a model that reads another one: a block of a spec may not hold what ends a template.
CREATE FUNCTION public.reading(model text) RETURNS text LANGUAGE sql AS $$ SELECT format('select a from {{ ref(%L) }}', model) $$;

-- Two records in one file, and nothing that was loaded, built, registered or remembered. Rows are deleted, because the
-- background worker may be writing some.
CREATE PROCEDURE public.start_anew() LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    state regclass;
BEGIN
    DROP SCHEMA IF EXISTS tap, analytics CASCADE;
    FOR state IN SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname IN ('barometre', 'barometre_internal')
        AND c.relname IN ('file', 'bookmark', 'run', 'step', 'build', 'build_input', 'change', 'registered') LOOP
        EXECUTE format('DELETE FROM %s', state);
    END LOOP;
    CALL public.write_file('in/a.csv', 'id,v', '1,a', '2,b');
    CALL public.write_file('in/b.csv', 'id,v');
END
$$;
