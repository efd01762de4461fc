\echo Use "ALTER EXTENSION barometre UPDATE" to load this file. \quit

SET LOCAL search_path TO pg_catalog, pg_temp;

-- What is made here is the extension owner's, whoever updates it. And what is granted is remembered, for what is dropped and made anew: of
-- each routine, relation and column its privileges, and those that it has without anybody's doing (pg_dump dumps the difference).
DO $begin$
DECLARE
    owner regrole;
BEGIN
    PERFORM set_config('barometre_upgrade.role', current_setting('role'), true);
    SELECT e.extowner INTO owner FROM pg_extension e JOIN pg_roles r ON r.oid = e.extowner WHERE e.extname = 'barometre' AND r.rolsuper;
    IF owner <> current_user::regrole THEN
        EXECUTE format('SET LOCAL ROLE %s', owner);
    END IF;
    PERFORM set_config('barometre_upgrade.before', (
        SELECT jsonb_agg(jsonb_build_object('class', o.class, 'id', o.id, 'sub', o.sub, 'name', o.name, 'owner', o.owner,
                                            'acl', coalesce(o.acl, o.usual)::text, 'init', coalesce(i.initprivs, o.usual)::text))
        FROM (SELECT 'pg_proc' AS class, p.oid AS id, 0 AS sub, format('%I.%I', p.pronamespace::regnamespace, p.proname) AS name,
                     p.proowner::oid AS owner, p.proacl AS acl, acldefault('f', p.proowner) AS usual
              FROM pg_proc p
              UNION ALL
              SELECT 'pg_class', c.oid, 0, format('%I.%I', c.relnamespace::regnamespace, c.relname), c.relowner, c.relacl,
                     acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", c.relowner)
              FROM pg_class c WHERE c.relkind IN ('r', 'v', 'm', 'S')
              UNION ALL
              SELECT 'pg_class', c.oid, a.attnum, format('%I.%I.%I', c.relnamespace::regnamespace, c.relname, a.attname), c.relowner, a.attacl, '{}'
              FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid WHERE a.attacl IS NOT NULL) AS o
        JOIN pg_depend d ON d.classid = o.class::regclass AND d.objid = o.id AND d.deptype = 'e' AND d.refclassid = 'pg_extension'::regclass
        JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'barometre'
        LEFT JOIN pg_init_privs i ON i.classoid = d.classid AND i.objoid = o.id AND i.objsubid = o.sub)::text, true);
END
$begin$;
