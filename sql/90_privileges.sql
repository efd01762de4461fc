-- Least privilege: what reads files and runs SQL is granted by name (baro_grant).
DO $$
DECLARE
    routine regprocedure;
BEGIN
    FOR routine IN
        SELECT p.oid FROM pg_catalog.pg_proc p
        JOIN pg_catalog.pg_depend d ON d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_proc'::regclass
         AND d.objid OPERATOR(pg_catalog.=) p.oid AND d.deptype OPERATOR(pg_catalog.=) 'e'
        JOIN pg_catalog.pg_extension e ON e.oid OPERATOR(pg_catalog.=) d.refobjid
        WHERE e.extname OPERATOR(pg_catalog.=) 'barometre'
    LOOP
        EXECUTE pg_catalog.format('REVOKE ALL ON ROUTINE %s FROM PUBLIC', routine);
    END LOOP;
END
$$;

-- As a trigger on a table of one's own it says that the table changed, and nothing else can be done with it.
GRANT EXECUTE ON FUNCTION @extschema@.baro_stamp() TO PUBLIC;

GRANT EXECUTE ON FUNCTION @extschema@.baro_help() TO PUBLIC;

-- They compute with nothing but their arguments, or say of a run no more than whether it is running; who may read the views needs them.
GRANT EXECUTE ON FUNCTION barometre_internal.fold(text, integer), barometre_internal.clock(timestamptz, text), barometre_internal.duration(numeric),
    barometre_internal.is_running(bigint), barometre_internal.changes(numeric, numeric, numeric, numeric), barometre_internal.sees_values(), barometre_internal.type_words(), barometre_internal.without_values(text), barometre_internal.reason_without_values(text), barometre_internal.masked_sql(text), barometre_internal.step_name(text, text), barometre_internal.told(text, text), barometre_internal.warned(jsonb, text),
    barometre_internal.next_due(text, text, boolean, date, timestamptz), barometre_internal.latest_due(text, text, boolean, date, timestamptz) TO PUBLIC;
