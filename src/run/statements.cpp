// The constant SQL that writes down runs and tells of them, in the caller's transaction or in the worker's.
#include "run/statements.h"

namespace barometre::run {

// What is told: one JSON document each, with texts cut so that none of their 6 bytes a character can make it longer
// than a payload (8000 bytes); only the list of names is dropped. Any role of the database can listen: no messages,
// which quote values, and nothing else that is data.
#define TOLD                                                                                                           \
    "pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object('event', CASE r.status WHEN 'succeeded' THEN "         \
    "'finished' ELSE r.status END, "                                                                                   \
    "'run', r.id, 'kind', r.kind, 'name', pg_catalog.left(r.name, 200), 'status', r.status, "                          \
    "'seconds', pg_catalog.round(extract(epoch FROM r.finished_at - r.started_at), 3), 'scheduled_for', "              \
    "r.scheduled_for, 'sqlstate', r.sqlstate))"
// What the server's log is told of a run that nobody watched.
#define ALARM                                                                                                          \
    "CASE WHEN r.scheduled_for IS NOT NULL AND r.status IN ('failed', 'interrupted') THEN "                            \
    "pg_catalog.format('barometre: run %s (%s \"%s\") %s: %s', r.id, r.kind, r.name, CASE r.status WHEN 'failed' "     \
    "THEN 'failed' ELSE 'was interrupted' END, "                                                                       \
    "pg_catalog.regexp_replace(r.message, '^job \"[^\"]*\" failed: ', '')) END"

// Each run ends once: what comes later, whoever writes it, is left out with all that belongs to it.
const char *const write_run_statement =
    R"sql(
WITH r AS (
    SELECT * FROM pg_catalog.jsonb_to_record($1::jsonb) AS x(
        id bigint, kind text, name text, role text, started_at timestamptz, finished_at timestamptz, scheduled_for timestamptz,
        status text, sqlstate text, message text, detail text, hint text, project_hash text, git_commit text, steps jsonb, rejects jsonb, tests jsonb, ages jsonb)
), s AS (
    SELECT s.* FROM r, pg_catalog.jsonb_to_recordset(r.steps) AS s(
        number int, kind text, name text, status text, why text, files int, read int, records bigint, inserted bigint,
        updated bigint, unchanged bigint, deleted bigint, rejected bigint, superseded bigint, blank_lines bigint, bytes bigint, seconds numeric,
        sqlstate text, message text, warnings jsonb, rows bigint)
), written AS (
    INSERT INTO barometre.run AS run (id, kind, name, role, started_at, finished_at, scheduled_for, status, sqlstate, message, detail, hint, project_hash, git_commit)
    SELECT id, kind, name, role, started_at, finished_at, scheduled_for, status, sqlstate, message, detail, hint, project_hash, git_commit FROM r
    ON CONFLICT (id) DO UPDATE SET finished_at = excluded.finished_at, status = excluded.status,
        sqlstate = excluded.sqlstate, message = excluded.message, detail = excluded.detail, hint = excluded.hint
    WHERE run.status IN ('running', 'interrupted') AND excluded.status <> 'running'
    RETURNING run.id
), rejected AS (
    INSERT INTO barometre.reject (run, tap, stream, file, line, last_line, byte_offset, column_name, sqlstate, reason, raw)
    SELECT r.id, x.* FROM r JOIN written USING (id), pg_catalog.jsonb_to_recordset(r.rejects) AS x(
        tap text, stream text, file text, line bigint, last_line bigint, byte_offset bigint, column_name text, sqlstate text,
        reason text, raw bytea)
), tested AS (
    INSERT INTO barometre.test_result (run, target, test, severity, status, failures, seconds, message, sample, tested_at)
    SELECT r.id, x.*, pg_catalog.clock_timestamp() FROM r JOIN written USING (id), pg_catalog.jsonb_to_recordset(r.tests) AS x(
        target text, test text, severity text, status text, failures bigint, seconds numeric, message text, sample jsonb)
), measured AS (
    INSERT INTO barometre_internal.source_age (run, source, newest, error, measured_at)
    SELECT r.id, x.* FROM r JOIN written USING (id), pg_catalog.jsonb_to_recordset(r.ages) AS x(
        source text, newest timestamptz, error text, measured_at timestamptz)
), stepped AS (
    INSERT INTO barometre.step (run, number, kind, name, status, why, files, read, records, inserted, updated, unchanged,
                                deleted, rejected, superseded, blank_lines, bytes, seconds, sqlstate, message, warnings, rows)
    SELECT r.id, s.* FROM r, s
    ON CONFLICT (run, number) DO NOTHING
), changed AS (
    SELECT pg_catalog.jsonb_agg(s.name) AS names, count(*) AS number FROM s
    WHERE s.kind <> 'test' AND s.status = 'succeeded' AND s.inserted + s.updated + s.deleted > 0
), warned AS (
    SELECT sum(pg_catalog.jsonb_array_length(s.warnings)) AS number FROM s
), failing AS ( -- their names say nothing of the data; SQL of a job is nothing but its text
    SELECT pg_catalog.jsonb_agg(CASE f.kind WHEN 'sql' THEN 'sql' ELSE f.kind || ' ' || pg_catalog.left(f.name, 150) END ORDER BY f.number) AS names
    FROM (SELECT s.* FROM s WHERE s.status = 'failed' OR (s.status IN ('fail', 'error') AND (SELECT status FROM r) = 'failed') ORDER BY s.number LIMIT 4) AS f
), rejecting AS (
    SELECT pg_catalog.jsonb_build_object('file', pg_catalog.left(r.rejects -> 0 ->> 'file', 200), 'line', r.rejects -> 0 -> 'line') AS first
    FROM r WHERE r.rejects IS NOT NULL
), told AS (
    SELECT )sql" TOLD
    R"sql( || CASE WHEN r.status IN ('failed', 'succeeded') THEN coalesce((SELECT pg_catalog.jsonb_build_object('failed', names) FROM failing WHERE names IS NOT NULL), '{}') ELSE '{}' END
           || CASE WHEN r.status = 'failed' THEN coalesce((SELECT first FROM rejecting), '{}') ELSE '{}' END || CASE WHEN r.status = 'succeeded' THEN pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object('changes', changed.number, 'warnings', warned.number)) ELSE '{}' END AS told,
           CASE WHEN r.status = 'succeeded' THEN changed.names END AS names, 1 AS place
    FROM r JOIN written USING (id), changed, warned WHERE r.status <> 'running'
    UNION ALL
    SELECT pg_catalog.jsonb_build_object('event', 'rejects', 'run', r.id, 'kind', r.kind, 'name', pg_catalog.left(r.name, 200),
                                         'stream', pg_catalog.left(s.name, 200), 'rejects', s.rejected), NULL, 2
    FROM r JOIN written USING (id), s WHERE r.status = 'succeeded' AND s.kind = 'stream' AND s.rejected > 0
), sent AS MATERIALIZED (
    SELECT pg_catalog.pg_notify('barometre', CASE
        WHEN names IS NOT NULL AND pg_catalog.octet_length((told || pg_catalog.jsonb_build_object('changed', names))::text) < 8000
        THEN told || pg_catalog.jsonb_build_object('changed', names) ELSE told END::text)
    FROM told ORDER BY place
)
SELECT )sql" ALARM R"sql( AS alarm, (SELECT count(*) FROM sent) AS documents FROM r JOIN written USING (id))sql";

// Apart from the statement above, which any run takes: to plan the view's joins takes longer than to do all the rest.
const char *const tell_late_statement = R"sql(
SELECT pg_catalog.pg_notify('barometre', told::text) FROM (
    SELECT pg_catalog.jsonb_build_object('event', 'late', 'run', $1::bigint, 'kind', $2, 'name', pg_catalog.left($3, 200),
                                         f.kind, pg_catalog.left(f.stream, 200), 'status', f.status, 'expected', f.expected) AS told
    FROM ROWS FROM (pg_catalog.jsonb_to_recordset($4::jsonb) AS (kind text, name text)) WITH ORDINALITY AS given(kind, name, place)
    JOIN barometre_internal.data_age f ON f.kind = given.kind AND f.stream = given.name
    WHERE f.status IN ('late', 'stale') ORDER BY given.place
) AS late)sql";

const char *const begin_run_statement = R"sql(
INSERT INTO barometre.run (id, kind, name, role, started_at, status, project_hash, git_commit)
SELECT x.id, x.kind, x.name, x.role, x.started_at, x.status, x.project_hash, x.git_commit
FROM pg_catalog.jsonb_to_record($1::jsonb) AS x(id bigint, kind text, name text, role text, started_at timestamptz, status text,
                                                project_hash text, git_commit text)
ON CONFLICT (id) DO NOTHING)sql";

// A record that still says "running" was left by an end that its session could not describe. The extension may have
// been created by the very transaction that was rolled back: then there is nothing to write into.
const char *const finish_run_statement = R"sql(
SELECT CASE WHEN pg_catalog.jsonb_typeof(j -> 'on_abort') IS NULL THEN j ELSE j || pg_catalog.jsonb_build_object(
    'status', CASE WHEN $2::boolean THEN 'interrupted' ELSE 'failed' END, 'finished_at', coalesce($3::timestamptz, pg_catalog.clock_timestamp()),
    'message', CASE WHEN $2::boolean THEN 'the session was ended' ELSE 'the calling transaction was rolled back' END) END::text
FROM (SELECT $1::jsonb AS j) AS given WHERE pg_catalog.to_regclass('barometre.run') IS NOT NULL)sql";

// A run has its lock before its record says "running", and until it says something else: one without was left.
#define GONE                                                                                                           \
    "SELECT g.id FROM barometre.run g WHERE g.status = 'running' AND g.id <> ALL (ARRAY(SELECT "                       \
    "pg_catalog.jsonb_array_elements_text($1::jsonb -> 'alive')::bigint)) "                                            \
    "AND g.id <> ALL (ARRAY(SELECT a.id FROM barometre_internal.run_alive a))"

const char *const find_gone_runs_statement = "SELECT EXISTS (" GONE ")";

// What another session writes down just now is left to it.
const char *const interrupt_runs_statement = R"sql(
WITH r AS (
    UPDATE barometre.run SET status = 'interrupted', -- when it ended nobody knows
        message = 'the server process that did this run ended without a word'
    WHERE id IN ()sql" GONE R"sql( FOR UPDATE SKIP LOCKED)
    RETURNING *
)
SELECT )sql" ALARM R"sql( AS alarm, pg_catalog.pg_notify('barometre', )sql" TOLD
                                             R"sql(::text) FROM r ORDER BY r.id)sql";

#undef GONE
#undef TOLD
#undef ALARM

} // namespace barometre::run
