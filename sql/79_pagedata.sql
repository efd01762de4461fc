-- What stands around the data in the database, and all of the page's data together.

CREATE FUNCTION barometre_internal.page_server(shown boolean, cron jsonb) RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH place AS MATERIALIZED (
        SELECT DISTINCT n.schema FROM barometre_internal.page_node n WHERE n.kind <> 'source'
    ), relation AS MATERIALIZED (
        SELECT c.oid, s.nspname::text AS schema, c.relname::text AS name, c.relkind, c.relispartition, c.reltuples, c.relrowsecurity,
               CASE WHEN c.relkind IN ('r', 'm') AND c.oid <> ALL (ARRAY(SELECT b.oid FROM barometre_internal.page_busy b)) THEN pg_catalog.pg_total_relation_size(c.oid) END AS bytes
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace s ON s.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND (s.nspname ~ '^barometre(_internal)?$' OR s.nspname IN (SELECT p.schema FROM place p))
          AND NOT pg_catalog.starts_with(c.relname, '_baro_')
    ), size AS (
        SELECT r.schema, count(*) FILTER (WHERE r.relkind IN ('r', 'p', 'm')) AS tables, coalesce(sum(r.bytes), 0) AS bytes FROM relation r GROUP BY r.schema
    ), unowned AS (
        SELECT r.* FROM relation r
        WHERE r.schema IN (SELECT p.schema FROM place p) AND NOT r.relispartition
          AND r.oid NOT IN (SELECT n.oid FROM barometre_internal.page_node n WHERE n.oid IS NOT NULL)
          AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = r.oid AND d.objsubid = 0 AND d.deptype = 'e')
    )
    SELECT pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
        'version', pg_catalog.current_setting('server_version'), 'database', pg_catalog.current_database(), 'bytes', pg_catalog.pg_database_size(pg_catalog.current_database()),
        'schemas', coalesce((SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('name', s.schema, 'tables', s.tables, 'bytes', s.bytes) ORDER BY s.bytes DESC, s.schema) FROM size s), '[]'),
        'unowned', coalesce((SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
                                 'schema', u.schema, 'name', u.name, 'kind', CASE u.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table' ELSE 'table' END,
                                 'bytes', CASE WHEN NOT u.relrowsecurity THEN coalesce(u.bytes, 0) END,
                                 'rows', CASE WHEN u.reltuples >= 0 AND u.relkind IN ('r', 'p', 'm') AND NOT u.relrowsecurity THEN u.reltuples::bigint END) ORDER BY u.schema, u.name) FROM unowned u), '[]'),
        'cron', CASE WHEN shown THEN cron
                     ELSE cron || (SELECT pg_catalog.jsonb_build_object('entries', coalesce(pg_catalog.jsonb_agg(e.one #- '{last,message}' ORDER BY e.place), '[]'))
                                   FROM pg_catalog.jsonb_array_elements(cron -> 'entries') WITH ORDINALITY AS e (one, place)) END));
END;
COMMENT ON FUNCTION barometre_internal.page_server(boolean, jsonb) IS 'The page''s server: sizes, what no node owns in the project''s schemas, and pg_cron as the caller found it';

-- Its plans look expensive and are not: to compile them would take seconds. What it joins and groups is larger than the planner thinks, and in no order.
CREATE FUNCTION barometre_internal.page_data(lang text, samples boolean, audience oid, caller oid, texts jsonb, cron jsonb, wrong jsonb) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL RESTRICTED SET jit = off SET enable_mergejoin = off SET work_mem = '64MB' SET timezone = 'UTC' SET datestyle = 'ISO' SET intervalstyle = 'postgres'
BEGIN ATOMIC
    WITH asked AS MATERIALIZED (
        SELECT pg_catalog.clock_timestamp() AS made_at, barometre_internal.page_sees(audience) AS sees, coalesce(samples, false) AS samples, z.timezone AS zone,
               CASE lang WHEN 'fr' THEN 'fr' ELSE 'en' END AS lang, coalesce(texts, '{}') AS texts
        FROM barometre_internal.zone z
    ), viewer AS MATERIALIZED (
        SELECT a.*, a.samples AND a.sees = 'all' AS shown, a.sees <> 'relations' AS is_told, (a.made_at AT TIME ZONE a.zone)::date AS today FROM asked a
    ), part AS MATERIALIZED (
        SELECT v.*, barometre_internal.page_nodes(audience, caller, v.shown, v.texts, v.today) AS nodes, barometre_internal.page_tests(audience, caller, v.shown, v.texts, v.today) AS tests,
               barometre_internal.page_failures(audience, caller) AS failures, CASE WHEN v.is_told THEN barometre_internal.page_jobs(v.shown, v.made_at) ELSE '[]' END AS jobs,
               EXISTS (SELECT FROM barometre_internal.problem) AS has_problems
        FROM viewer v
    )
    SELECT pg_catalog.json_object_agg(s.name, s.value)::jsonb -- once, and what there is not has no key
    FROM part p CROSS JOIN LATERAL (VALUES
        ('format', '1'::json), ('version', (SELECT pg_catalog.to_json(e.extversion) FROM pg_catalog.pg_extension e WHERE e.extname = 'barometre')),
        ('lang', pg_catalog.to_json(p.lang)), ('made_at', pg_catalog.to_json(barometre_internal.page_time(p.made_at))),
        ('valid_until', (SELECT pg_catalog.to_json(min(j.value ->> 'next')) FROM pg_catalog.jsonb_array_elements(p.jobs) AS j)),
        ('audience', pg_catalog.json_build_object('role', (SELECT r.rolname FROM pg_catalog.pg_roles r WHERE r.oid = audience), 'sees', p.sees, 'samples', p.shown)),
        ('project', (SELECT pg_catalog.json_strip_nulls(pg_catalog.json_build_object(
                                'name', j.name, 'schema', j.schema, 'timezone', j.timezone, 'loaded_at', barometre_internal.page_time(j.loaded_at),
                                'git_commit', CASE WHEN p.is_told THEN (SELECT r.git_commit FROM barometre.run r ORDER BY r.id DESC LIMIT 1) END))
                     FROM barometre_internal.project j)),
        ('state', barometre_internal.page_state(p.lang, p.nodes::jsonb, p.tests, p.failures || CASE WHEN wrong IS NOT NULL THEN '[{"severity": "error", "what": "project"}]'::jsonb
                                                                                                WHEN p.has_problems THEN '[{"severity": "warning", "what": "project"}]' ELSE '[]' END, p.sees, p.made_at, p.zone)::json),
        ('failures', CASE WHEN p.is_told THEN p.failures ELSE '[]' END::json),
        ('problems', CASE WHEN p.is_told THEN coalesce(wrong, '[]') || barometre_internal.page_problems(audience, caller) ELSE '[]' END::json),
        ('jobs', p.jobs::json), ('nodes', p.nodes), ('edges', barometre_internal.page_edges(audience, caller)::json), ('tests', p.tests),
        ('runs', CASE WHEN p.is_told THEN barometre_internal.page_runs(audience, caller) ELSE '[]' END::json),
        ('days', CASE WHEN p.is_told THEN barometre_internal.page_days(p.today) ELSE '[]' END::json),
        ('server', CASE WHEN p.is_told THEN barometre_internal.page_server(p.shown, cron) END::json)) AS s (name, value)
    WHERE s.value IS NOT NULL;
END;
COMMENT ON FUNCTION barometre_internal.page_data(text, boolean, oid, oid, jsonb, jsonb, jsonb) IS
'What the page shows to a role (audience) when another one (caller) asks for it: doc/page.md says what is in it. Of the extension''s C code: who may ask is decided there; texts: SQL of models and tests, masked; cron: what pg_cron has; wrong: why the project can''t be read, as a problem';
