-- The extension as the catalogs have it, a line a fact, without what differs between two databases (numbers of objects, order of columns).
-- Two databases are alike when these lines are.
SET search_path TO pg_catalog;
WITH member AS (
    SELECT d.classid, d.objid FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
    WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND e.extname = 'barometre'
), object AS (
    SELECT m.classid, m.objid, i.type || ' ' || i.identity AS name FROM member m, pg_identify_object(m.classid, m.objid, 0) AS i
), relation AS (
    SELECT o.name, c.* FROM object o JOIN pg_class c ON o.classid = 'pg_class'::regclass AND c.oid = o.objid
), part AS (
    SELECT r.name || ' column ' || a.attname AS name, a.*, r.oid, r.relkind FROM relation r JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
), acl AS (
    SELECT o.name, p.proacl AS acl, acldefault('f', p.proowner) AS usual FROM object o JOIN pg_proc p ON o.classid = 'pg_proc'::regclass AND p.oid = o.objid
    UNION ALL
    SELECT r.name, r.relacl, acldefault(CASE r.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", r.relowner) FROM relation r
    UNION ALL
    SELECT p.name, p.attacl, '{}' FROM part p
    UNION ALL
    SELECT o.name, n.nspacl, acldefault('n', n.nspowner) FROM object o JOIN pg_namespace n ON o.classid = 'pg_namespace'::regclass AND n.oid = o.objid
), fact AS (
    SELECT name AS about, 'is there' AS fact FROM object
    UNION ALL
    SELECT o.name, 'owner ' || coalesce(p.proowner, c.relowner, n.nspowner)::regrole FROM object o
    LEFT JOIN pg_proc p ON o.classid = 'pg_proc'::regclass AND p.oid = o.objid LEFT JOIN pg_class c ON o.classid = 'pg_class'::regclass AND c.oid = o.objid
    LEFT JOIN pg_namespace n ON o.classid = 'pg_namespace'::regclass AND n.oid = o.objid
    WHERE o.classid IN ('pg_proc'::regclass, 'pg_class'::regclass, 'pg_namespace'::regclass)
    UNION ALL
    SELECT o.name, 'definition ' || pg_get_functiondef(p.oid) || coalesce(' library ' || p.probin, '')
    FROM object o JOIN pg_proc p ON o.classid = 'pg_proc'::regclass AND p.oid = o.objid
    UNION ALL
    SELECT r.name, format('kind %s, persistence %s, security %s %s, options %s', r.relkind, r.relpersistence, r.relrowsecurity, r.relforcerowsecurity, r.reloptions) FROM relation r
    UNION ALL
    SELECT r.name, 'definition ' || pg_get_viewdef(r.oid) FROM relation r WHERE r.relkind IN ('v', 'm')
    UNION ALL
    SELECT r.name, 'constraint ' || c.conname || ' ' || pg_get_constraintdef(c.oid) FROM relation r JOIN pg_constraint c ON c.conrelid = r.oid
    UNION ALL
    SELECT r.name, 'index ' || pg_get_indexdef(i.indexrelid) || coalesce(' comment ' || obj_description(i.indexrelid, 'pg_class'), '') FROM relation r JOIN pg_index i ON i.indrelid = r.oid
    UNION ALL
    SELECT r.name, 'trigger ' || pg_get_triggerdef(t.oid) FROM relation r JOIN pg_trigger t ON t.tgrelid = r.oid AND NOT t.tgisinternal
    UNION ALL
    SELECT r.name, format('sequence of %s from %s to %s by %s, start %s, cycle %s', s.seqtypid::regtype, s.seqmin, s.seqmax, s.seqincrement, s.seqstart, s.seqcycle)
    FROM relation r JOIN pg_sequence s ON s.seqrelid = r.oid
    UNION ALL
    SELECT p.name, format('type %s, not null %s, identity %s, generated %s, collation %s, default %s', format_type(p.atttypid, p.atttypmod), p.attnotnull, p.attidentity,
                          p.attgenerated, p.attcollation::regcollation, (SELECT pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef d WHERE d.adrelid = p.oid AND d.adnum = p.attnum)) FROM part p
    UNION ALL
    SELECT p.name, 'comment ' || col_description(p.oid, p.attnum) FROM part p
    UNION ALL
    SELECT o.name, 'comment ' || d.description FROM object o JOIN pg_description d ON d.classoid = o.classid AND d.objoid = o.objid AND d.objsubid = 0
    UNION ALL
    SELECT a.name, format('privilege %s of %s from %s, grant option %s', x.privilege_type, CASE WHEN x.grantee = 0 THEN 'PUBLIC' ELSE x.grantee::regrole::text END, x.grantor::regrole, x.is_grantable)
    FROM acl a, aclexplode(nullif(coalesce(a.acl, a.usual), '{}')) AS x
    UNION ALL
    SELECT i.type || ' ' || i.identity, format('without anybody''s doing %s of %s', x.privilege_type, CASE WHEN x.grantee = 0 THEN 'PUBLIC' ELSE x.grantee::regrole::text END)
    FROM pg_init_privs p JOIN member m ON m.classid = p.classoid AND m.objid = p.objoid, pg_identify_object(p.classoid, p.objoid, p.objsubid) AS i, aclexplode(p.initprivs) AS x
    UNION ALL
    SELECT 'extension', format('version %s, schema %s, owner %s, relocatable %s', e.extversion, e.extnamespace::regnamespace, e.extowner::regrole, e.extrelocatable)
    FROM pg_extension e WHERE e.extname = 'barometre'
    UNION ALL
    SELECT 'extension', format('dumps %s where %L', c.oid::regclass, c.condition) FROM pg_extension e, unnest(e.extconfig, e.extcondition) AS c (oid, condition) WHERE e.extname = 'barometre'
)
SELECT line FROM fact, regexp_replace(about || ': ' || fact, '\s+', ' ', 'g') AS line WHERE fact IS NOT NULL ORDER BY line COLLATE "C";
