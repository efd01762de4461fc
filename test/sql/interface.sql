-- What people see of the extension: which objects, and that each says what it is.
SELECT * FROM no_plan();
CREATE TEMP VIEW objects AS
SELECT d.classid, d.objid, pg_describe_object(d.classid, d.objid, 0) AS what, c.relkind, c.relname, c.relnamespace::regnamespace::text AS schema
FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND e.extname = 'barometre'
LEFT JOIN pg_class c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid;

SELECT ok(count(*) > 60, 'the extension has objects') FROM objects;
SELECT is_empty($$ SELECT what FROM objects o, pg_class k
    WHERE k.oid = o.classid AND (o.relkind IS NULL OR o.relkind IN ('r', 'v')) AND o.classid <> 'pg_type'::regclass AND obj_description(o.objid, k.relname) IS NULL $$,
    'all schemas, tables, views, functions and procedures have comments');
SELECT is_empty($$ SELECT what, a.attname FROM objects o JOIN pg_attribute a ON a.attrelid = o.objid AND o.classid = 'pg_class'::regclass
    WHERE o.relkind IN ('r', 'v') AND a.attnum > 0 AND NOT a.attisdropped AND col_description(a.attrelid, a.attnum) IS NULL $$,
    'so have all their columns');
SELECT is((SELECT string_agg(relname, ' ' ORDER BY relname) FROM objects WHERE schema = 'barometre' AND relkind = 'r'),
    'bookmark file reject run step test_result', 'tables for people');
SELECT is((SELECT string_agg(relname, ' ' ORDER BY relname) FROM objects WHERE schema = 'barometre' AND relkind = 'v'),
    'failures freshness health history lineage missed problems progress report row_counts singer_state status usual_duration', 'views for people');
SELECT is_empty($$ SELECT what FROM objects WHERE what ~ '^(function|procedure) barometre\.' $$, 'no function stands among them');
SELECT is_empty($$ SELECT what, a.attname FROM objects o JOIN pg_attribute a ON a.attrelid = o.objid AND o.classid = 'pg_class'::regclass
    WHERE o.schema = 'barometre' AND o.relkind = 'v' AND a.attnum > 0 AND a.atttypid = 'timestamptz'::regtype $$, 'views show times as text');

-- baro_help.
SELECT is_empty($$ SELECT what FROM objects WHERE what ~ '^(function|procedure) baro_' AND what !~ ' baro_help\('
    AND substring(what FROM 'baro_\w+') NOT IN (SELECT call FROM baro_help()) $$, 'each call is in the help');
SELECT is_empty($$ SELECT call FROM baro_help() WHERE NOT EXISTS (SELECT FROM objects o
    WHERE o.what ~ ('^(function|procedure) ' || call || '\(') OR o.what = 'view ' || call) $$, 'and nothing else');
SELECT is_empty($$ SELECT example FROM baro_help() WHERE strpos(example, call) = 0 $$, 'with an example of it');
CREATE SCHEMA tap CREATE TABLE stream (id int) CREATE TABLE t (id int);
SELECT lives_ok('PREPARE example AS ' || example || ' DEALLOCATE example', replace(example, E'\n', '')) FROM baro_help() WHERE example LIKE 'SELECT%';
SET search_path = public, tap;
SELECT lives_ok(example, 'a trigger') FROM baro_help() WHERE example LIKE 'CREATE%';
RESET search_path;
SET ROLE pg_read_all_data;
SELECT ok((SELECT count(*) > 0 FROM baro_help()), 'anybody may read it');
RESET ROLE;

-- Spellings.
SELECT is((SELECT string_agg(DISTINCT pg_get_function_result(p.oid), ' | ') FROM pg_proc p WHERE p.proname LIKE 'baro_register_%' OR p.proname = 'baro_unregister'),
    'TABLE(kind text, name text, change text)', 'what registration gives');
SELECT is(pg_get_function_arguments('baro_compile'::regproc), 'name text', 'what baro_compile takes');
SELECT is(pg_get_function_arguments('baro_show'::regproc), 'query text, max_rows integer DEFAULT 20', 'what baro_show takes');
SELECT is(pg_get_function_result('baro_stamp_sources'::regproc), 'TABLE(relation text, change text)', 'what baro_stamp_sources gives');
SELECT is(pg_get_function_arguments('baro_diff'::regproc), 'model text, samples integer DEFAULT 10', 'what baro_diff takes');
SELECT is(pg_get_function_result('baro_diff'::regproc),
    'TABLE(change text, key text, column_name text, published text, built text, rows bigint)', 'and what it gives');
SELECT is(pg_get_function_arguments('baro_forget'::regproc), 'tap text, stream text, file text, dry_run boolean DEFAULT true', 'what baro_forget takes');
SELECT is(pg_get_function_result('baro_forget'::regproc), 'TABLE(relation text, rows bigint, note text)', 'and what it gives');
SELECT is(pg_get_function_arguments('baro_preview'::regproc), 'tap text, stream text DEFAULT NULL::text, max_records integer DEFAULT 20', 'and baro_preview');

-- Times by a clock.
SELECT is(barometre_internal.clock(date_trunc('year', now(), 'Europe/Paris') + interval '12 hours', 'Europe/Paris'), '01-01 12:00 CET', 'a time of the year')
WHERE now() < date_trunc('year', now()) + interval '299 days';
SELECT is(barometre_internal.clock('2022-07-01 23:30+00', 'Europe/Paris'), '2022-07-02 CEST', 'an old time, in summer');
SELECT matches(barometre_internal.clock(now(), 'Asia/Kolkata'), '^\d\d-\d\d \d\d:\d\d IST$', 'now, elsewhere');
SELECT is(barometre_internal.fold('one two', 4), E'one\ntwo', 'lines');
SELECT * FROM finish();
