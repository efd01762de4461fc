
-- What is new is for nobody else, unless it was granted above; what was made anew has what was granted and revoked on what it replaces. The
-- privileges that an object has without anybody's doing stay apart from those that people granted.
DO $end$
DECLARE
    now record;
    item record;
    init aclitem[];
BEGIN
    FOR now IN
        WITH before AS MATERIALIZED (
            SELECT * FROM jsonb_to_recordset(current_setting('barometre_upgrade.before')::jsonb)
                AS b(class text, id oid, sub int, name text, owner oid, acl text, init text)
        ), objects AS (
            SELECT 'pg_proc' AS class, p.oid AS id, 0 AS sub, format('%I.%I', p.pronamespace::regnamespace, p.proname) AS name, p.proacl AS own_acl,
                   coalesce(p.proacl, acldefault('f', p.proowner)) AS acl, '' AS part, format('ROUTINE %s', p.oid::regprocedure) AS what
            FROM pg_proc p
            UNION ALL
            SELECT 'pg_class', c.oid, 0, format('%I.%I', c.relnamespace::regnamespace, c.relname), c.relacl,
                   coalesce(c.relacl, acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", c.relowner)), '',
                   format(CASE c.relkind WHEN 'S' THEN 'SEQUENCE %s' ELSE 'TABLE %s' END, c.oid::regclass)
            FROM pg_class c WHERE c.relkind IN ('r', 'v', 'm', 'S')
            UNION ALL
            SELECT 'pg_class', c.oid, a.attnum, format('%I.%I.%I', c.relnamespace::regnamespace, c.relname, a.attname), a.attacl, coalesce(a.attacl, '{}'),
                   format(' (%I)', a.attname), format('TABLE %s', c.oid::regclass)
            FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        )
        SELECT o.*, d.classid, b.id IS NOT NULL AS was_there, b.is_it IS TRUE AS is_it, b.owner AS old_owner, nullif(b.acl, '{}')::aclitem[] AS old_acl, nullif(b.init, '{}')::aclitem[] AS old_init
        FROM objects o
        JOIN pg_depend d ON d.classid = o.class::regclass AND d.objid = o.id AND d.deptype = 'e' AND d.refclassid = 'pg_extension'::regclass
        JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'barometre'
        LEFT JOIN LATERAL (
            SELECT b.*, b.id = o.id AND b.sub = o.sub AS is_it FROM before b
            WHERE b.class = o.class AND (b.sub = 0) = (o.sub = 0) AND (b.id = o.id AND b.sub = o.sub OR b.name = o.name)
            ORDER BY is_it DESC LIMIT 1) AS b ON true
    LOOP
        IF NOT now.is_it AND now.class = 'pg_proc' AND now.own_acl IS NULL THEN
            EXECUTE format('REVOKE ALL ON %s FROM PUBLIC', now.what);
            IF EXISTS (SELECT FROM aclexplode(now.old_init) AS a WHERE a.grantee = 0) THEN
                EXECUTE format('GRANT EXECUTE ON %s TO PUBLIC', now.what);
            END IF;
        END IF;
        SELECT i.initprivs INTO init FROM pg_init_privs i WHERE i.classoid = now.classid AND i.objoid = now.id AND i.objsubid = now.sub;
        IF now.was_there AND NOT now.is_it THEN
            FOR item IN
                SELECT i.privilege_type AS privilege, CASE WHEN i.grantee = 0 THEN 'PUBLIC' ELSE i.grantee::regrole::text END AS whom
                FROM aclexplode(now.old_init) AS i
                WHERE i.grantee <> now.old_owner AND NOT EXISTS (
                    SELECT FROM aclexplode(now.old_acl) AS a WHERE a.grantee = i.grantee AND a.privilege_type = i.privilege_type)
            LOOP
                EXECUTE format('REVOKE %s%s ON %s FROM %s', item.privilege, now.part, now.what, item.whom);
            END LOOP;
            FOR item IN
                WITH RECURSIVE granted AS ( -- who has a grant option comes before those to whom they granted
                    SELECT a.*, 1 AS depth FROM aclexplode(now.old_acl) AS a WHERE a.grantor = now.old_owner AND a.grantee <> now.old_owner
                    UNION
                    SELECT a.*, g.depth + 1 FROM aclexplode(now.old_acl) AS a
                    JOIN granted g ON a.grantor = g.grantee AND a.privilege_type = g.privilege_type AND g.is_grantable AND g.depth < 50
                )
                SELECT g.privilege_type AS privilege, CASE WHEN g.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END AS option,
                       CASE WHEN g.grantor <> now.old_owner THEN g.grantor::regrole END AS who, CASE WHEN g.grantee = 0 THEN 'PUBLIC' ELSE g.grantee::regrole::text END AS whom
                FROM granted g
                WHERE NOT EXISTS (
                    SELECT FROM aclexplode(now.old_init) AS i
                    WHERE (i.grantor, i.grantee, i.privilege_type, i.is_grantable) = (g.grantor, g.grantee, g.privilege_type, g.is_grantable))
                GROUP BY g.grantor, g.grantee, g.privilege_type, g.is_grantable ORDER BY min(g.depth)
            LOOP
                DECLARE
                    grant_it text := format('GRANT %s%s ON %s TO %s%s', item.privilege, now.part, now.what, item.whom, item.option);
                    role text := current_setting('role');
                BEGIN
                    IF item.who IS NOT NULL THEN
                        EXECUTE format('SET LOCAL ROLE %s', item.who);
                    END IF;
                    EXECUTE grant_it;
                    PERFORM set_config('role', role, true);
                EXCEPTION WHEN insufficient_privilege THEN -- who granted it could not do so any more
                    EXECUTE grant_it;
                END;
            END LOOP;
        ELSIF now.is_it AND now.acl::text <> coalesce(now.old_acl::text, '{}') THEN -- granted or revoked above, beside what people granted
            SELECT array_agg(a.item) INTO init FROM (
                (SELECT unnest(now.old_init) AS item EXCEPT (SELECT unnest(now.old_acl) EXCEPT SELECT unnest(now.acl)))
                UNION (SELECT unnest(now.acl) EXCEPT SELECT unnest(now.old_acl))) AS a;
        END IF;
        UPDATE pg_init_privs i SET initprivs = init
        WHERE i.classoid = now.classid AND i.objoid = now.id AND i.objsubid = now.sub AND i.initprivs IS DISTINCT FROM init AND init IS NOT NULL;
        DELETE FROM pg_init_privs i WHERE i.classoid = now.classid AND i.objoid = now.id AND i.objsubid = now.sub AND init IS NULL;
    END LOOP;
    PERFORM set_config('barometre_upgrade.before', '', true), set_config('role', current_setting('barometre_upgrade.role'), true);
END
$end$;
